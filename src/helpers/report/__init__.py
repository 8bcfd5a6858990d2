"""Findings, pictures, tables and pages: what every chapter says its answers with."""

from helpers.report.finding import Finding, read_findings, save_findings, skipped, write_findings
from helpers.report.question import Answer, CannotAnswer, Skipped, question
from helpers.report.show import show, show_picture, show_table
from helpers.report.style import DIVERGING, INK, MUTED, PALETTE, SEQUENTIAL, Picture, canvas
from helpers.report.table import html_table, suppress

__all__ = [
    "DIVERGING",
    "INK",
    "MUTED",
    "PALETTE",
    "SEQUENTIAL",
    "Answer",
    "CannotAnswer",
    "Finding",
    "Picture",
    "Skipped",
    "canvas",
    "html_table",
    "question",
    "read_findings",
    "save_findings",
    "show",
    "show_picture",
    "show_table",
    "skipped",
    "suppress",
    "write_findings",
]
