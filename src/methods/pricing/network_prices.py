"""The best price for everybody where friends make the good worth more, against the best single price."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, eye_array
from scipy.sparse.linalg import bicgstab, cg, eigsh

from methods.result import Result

_EXACT = 1e-12
_DENSE_BELOW = 50


@dataclass(frozen=True, kw_only=True)
class NetworkPrices(Result):
    """prices, amounts: float, one a person, at the best personal prices. profit: in money.

    one_price, profit_one_price: the best price that is the same for all, and its profit.
    """

    prices: np.ndarray
    amounts: np.ndarray
    profit: float
    one_price: float
    profit_one_price: float

    @property
    def gain(self) -> float:
        """What personal prices bring beyond one price, as a share of the latter's profit."""
        return self.profit / self.profit_one_price - 1.0


def network_prices(
    pull: csr_array | np.ndarray, *, worth: float, satiety: float, unit_cost: float
) -> NetworkPrices:
    """Return the prices that earn most when each person buys what is best given the others.

    A person's benefit from the amount x is worth·x − satiety·x² + x·Σ pull[i, j]·x_j − price·x.
    pull: (people, people), what another's amount adds to person i's, 0 or more. worth, satiety, unit_cost: in
    money, satiety above 0, worth above unit_cost. The profit as a function of the amounts is
    (worth − unit_cost)·Σx − xᵀ(2·satiety − pull)x. Where pull is mutual its best point gives everybody the
    same price: place in the network earns no discount. Raises ValueError on a pull so strong that amounts
    have no end. Candogan, Bimpikis & Ozdaglar 2012 (Operations Research 60).

    >>> hub = np.zeros((5, 5))
    >>> hub[1:, 0] = 0.4
    >>> found = network_prices(hub, worth=10, satiety=1, unit_cost=2)
    >>> found.prices.round(3).tolist(), round(found.profit, 3)
    ([4.167, 6.583, 6.583, 6.583, 6.583], 48.333)
    """
    pull = csr_array(pull, dtype=float)
    _check(pull, worth=worth, satiety=satiety, unit_cost=unit_cost)
    ones, own = np.ones(pull.shape[0]), 2 * satiety * eye_array(pull.shape[0])
    amounts, _ = cg(2 * own - pull - pull.T, (worth - unit_cost) * ones, rtol=_EXACT)
    prices = worth - (own - pull) @ amounts
    one_price = (worth + unit_cost) / 2
    at_one_price, _ = bicgstab(own - pull, (worth - one_price) * ones, rtol=_EXACT)
    return NetworkPrices(
        prices=prices,
        amounts=amounts,
        profit=float((prices - unit_cost) @ amounts),
        one_price=one_price,
        profit_one_price=float((one_price - unit_cost) * at_one_price.sum()),
    )


def _check(pull: csr_array, *, worth: float, satiety: float, unit_cost: float) -> None:
    if pull.shape[0] != pull.shape[1] or not np.isfinite(pull.data).all() or (pull.data < 0).any():
        raise ValueError(f"pull is {pull.shape}; it must be square and hold finite numbers of 0 or more")
    if not (satiety > 0 and worth > unit_cost):
        raise ValueError(
            f"satiety is {satiety}, worth {worth}, unit_cost {unit_cost}; "
            "satiety must be above 0 and worth above unit_cost"
        )
    strongest = strongest_pull(pull)
    if strongest >= 2 * satiety:
        raise ValueError(
            f"friends pull each other by {strongest:.3g}; "
            f"below {2 * satiety:g} amounts stay finite: lower pull"
        )


def strongest_pull(pull: csr_array) -> float:
    """Return how strongly friends pull each other at most: the largest eigenvalue of both ways' mean."""
    symmetric = (pull + pull.T) / 2
    if symmetric.shape[0] < _DENSE_BELOW:
        return float(np.linalg.eigvalsh(symmetric.toarray())[-1])
    start = np.ones(symmetric.shape[0])
    return float(eigsh(symmetric, k=1, which="LA", return_eigenvectors=False, v0=start)[0])
