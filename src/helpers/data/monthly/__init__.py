"""Measures of stickiness month by month: each declared once, with levels and trends."""
