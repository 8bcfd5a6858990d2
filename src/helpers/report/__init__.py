"""Findings, pictures, tables and pages: what every chapter says its answers with."""

from helpers.report.finding import Finding, read_findings, save_findings, skipped, write_findings
from helpers.report.ledger import CLAIMS, Claim, Ledger, claims_ledger, judge_claim
from helpers.report.overview import answerable, answers_frame, read_chapters, skipped_frame
from helpers.report.question import Answer, Skipped, question
from helpers.report.show import show, show_picture, show_table
from helpers.report.style import DIVERGING, INK, MUTED, PALETTE, SEQUENTIAL, Picture, canvas
from helpers.report.table import html_table, p_text, suppress
from helpers.report.trust import Trust, compare_with_truth
from methods.errors import CannotAnswer

__all__ = [
    "CLAIMS",
    "DIVERGING",
    "INK",
    "MUTED",
    "PALETTE",
    "SEQUENTIAL",
    "Answer",
    "CannotAnswer",
    "Claim",
    "Finding",
    "Ledger",
    "Picture",
    "Skipped",
    "Trust",
    "answerable",
    "answers_frame",
    "canvas",
    "claims_ledger",
    "compare_with_truth",
    "html_table",
    "judge_claim",
    "p_text",
    "question",
    "read_chapters",
    "read_findings",
    "save_findings",
    "show",
    "show_picture",
    "show_table",
    "skipped",
    "skipped_frame",
    "suppress",
    "write_findings",
]
