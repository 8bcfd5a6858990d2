"""Estimators that several chapters share: intervals, multiplicity, trends, waiting times, customer bases."""
