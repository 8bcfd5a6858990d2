"""Findings, pictures, tables and pages: what every chapter says its answers with."""

from helpers.report.chapter import Chapter, Section
from helpers.report.claims import Claim, Published, Source, all_claims, read_claims
from helpers.report.finding import Finding, Verdict, read_findings, skipped, write_findings
from helpers.report.flips import flipped_verdicts
from helpers.report.last_run import RunRecord, earlier_run, this_run_and_last
from helpers.report.ledger import Ledger, claims_ledger
from helpers.report.next_steps import NextSteps, next_steps
from helpers.report.overview import answerable, answers_frame, read_chapters, skipped_frame
from helpers.report.own import OwnAnswer, own_words
from helpers.report.pictures import Mark, band_curve, bars, dots, forest, heat_map, reference_line
from helpers.report.question import Answer, Failed, Skipped, follow_up, question
from helpers.report.registry import FindingSpec, registry
from helpers.report.saving import save_findings
from helpers.report.show import show, show_picture, show_table
from helpers.report.style import DIVERGING, INK, MUTED, PALETTE, SEQUENTIAL, Picture, canvas
from helpers.report.table import html_table, suppress
from helpers.report.trust import Trust, compare_with_truth
from helpers.report.verdicts import (
    claim_p,
    claim_verdict,
    effect_verdict,
    judge_claim,
    judge_direction,
    nil_verdict,
)
from helpers.report.words import Words, words_beside
from methods.errors import CannotAnswer

__all__ = [
    "DIVERGING",
    "INK",
    "MUTED",
    "PALETTE",
    "SEQUENTIAL",
    "Answer",
    "CannotAnswer",
    "Chapter",
    "Claim",
    "Failed",
    "Finding",
    "FindingSpec",
    "Ledger",
    "Mark",
    "NextSteps",
    "OwnAnswer",
    "Picture",
    "Published",
    "RunRecord",
    "Section",
    "Skipped",
    "Source",
    "Trust",
    "Verdict",
    "Words",
    "all_claims",
    "answerable",
    "answers_frame",
    "band_curve",
    "bars",
    "canvas",
    "claim_p",
    "claim_verdict",
    "claims_ledger",
    "compare_with_truth",
    "dots",
    "earlier_run",
    "effect_verdict",
    "flipped_verdicts",
    "follow_up",
    "forest",
    "heat_map",
    "html_table",
    "judge_claim",
    "judge_direction",
    "next_steps",
    "nil_verdict",
    "own_words",
    "question",
    "read_chapters",
    "read_claims",
    "read_findings",
    "reference_line",
    "registry",
    "save_findings",
    "show",
    "show_picture",
    "show_table",
    "skipped",
    "skipped_frame",
    "suppress",
    "this_run_and_last",
    "words_beside",
    "write_findings",
]
