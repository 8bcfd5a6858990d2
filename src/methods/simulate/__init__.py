"""A shop under incentives, simulated week by week on its own ties, and fitted to what it shows."""

from methods.simulate.incentive_weeks import Weeks, simulate_weeks
from methods.simulate.levers import Levers, ShopNumbers, levers_of
from methods.simulate.moments_fit import MomentsFit, fit_moments, sobol
from methods.simulate.population import Population, Ties, as_ties
from methods.simulate.self_dealing import SelfDealing, self_dealing

__all__ = [
    "Levers",
    "MomentsFit",
    "Population",
    "SelfDealing",
    "ShopNumbers",
    "Ties",
    "Weeks",
    "as_ties",
    "fit_moments",
    "levers_of",
    "self_dealing",
    "simulate_weeks",
    "sobol",
]
