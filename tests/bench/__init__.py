"""Measure what each stage costs: CPU seconds and peak memory, never gated by a test."""
