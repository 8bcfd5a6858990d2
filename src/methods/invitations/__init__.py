"""Customers who bring customers: how many each brings in the end, and how long that takes."""

from methods.invitations.viral_coefficient import ViralCoefficient, viral_coefficient

__all__ = ["ViralCoefficient", "viral_coefficient"]
