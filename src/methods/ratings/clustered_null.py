"""How far units would seem to differ though they do not, where cases of one customer hang together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.stats import chi2

from methods.ratings.standardised_rates import StandardisedRates, kind_codes
from methods.result import Result

_AT_ONCE, _MOST_GROUPS = 50, 50_000
_TAIL = 0.025
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class ClusteredNull(Result):
    """rates: with the errors that hold where cases hang together. design: by how much their squares grew.

    p_value: that units differ as much though none differs. clusters: how many.
    """

    rates: StandardisedRates
    design: float
    p_value: float
    clusters: int


def clustered_null(
    frame: pd.DataFrame,
    rates: StandardisedRates,
    *,
    happened: str,
    unit: str,
    kinds: Sequence[str],
    cluster: str,
    draws: int = 999,
    seed: int = 1,
) -> ClusteredNull:
    """Return how Cochran's Q of units falls out where they do not differ, and errors that allow for that.

    frame, happened, unit, kinds: as of `standardised_rates`, which gave rates. cluster: whose cases hang
    together, such as the customer. draws: of signs. Wild cluster bootstrap with the null imposed (Cameron,
    Gelbach and Miller 2008, REStat 90): what happened less what its kind expects is turned round or not for
    all cases of a cluster at once. More than 50,000 clusters are turned in so many groups of them by lot,
    whose sums vary as theirs do. The squared errors grow by as much as mean or 97.5 % point of Q exceed
    those of chi2.

    >>> from methods.ratings.standardised_rates import standardised_rates
    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"who": np.repeat(np.arange(300), 10), "kind": 0})
    >>> rows["shop"] = rows["who"] % 10
    >>> rows["late"] = (rng.random(300) < 0.2)[rows["who"]].astype(float)
    >>> rates = standardised_rates(rows, happened="late", unit="shop", kinds=["kind"])
    >>> names = {"happened": "late", "unit": "shop", "kinds": ["kind"], "cluster": "who"}
    >>> found = clustered_null(rows, rates, **names)
    >>> 8 < found.design < 13, found.p_value > 0.05
    (True, True)
    """
    known = frame.dropna(subset=[unit, happened])
    own = rates.rates
    who, names = pd.factorize(known[cluster], use_na_sentinel=False)
    if len(names) > _MOST_GROUPS:
        who = (np.random.default_rng(seed).permutation(len(names)) % _MOST_GROUPS)[who]
    scores = _Scores.of(known, own.index, who, happened=happened, unit=unit, kinds=kinds)
    scale = rates.overall / own["expected"].to_numpy()
    weight = 1 / own["error"].to_numpy() ** 2

    def spread(sums: np.ndarray) -> np.ndarray:
        """Cochran's Q of units whose cases exceed what is expected by sums (draws, units)."""
        values = sums * scale
        centre = values @ weight / weight.sum()
        return (values - centre[:, None]) ** 2 @ weight

    rng = np.random.default_rng(seed)
    drawn = []
    for begin in range(0, draws, _AT_ONCE):
        size = (min(_AT_ONCE, draws - begin), scores.units.shape[0])
        drawn.append(spread(scores.sums(rng.integers(0, 2, size) * 2.0 - 1.0)))
    null = np.concatenate(drawn)
    seen = spread((own["happened"] - own["expected"]).to_numpy()[None, :])[0]
    freedom = max(len(own) - 1, 1)
    tail = np.quantile(null, 1 - _TAIL) / chi2.ppf(1 - _TAIL, freedom)
    design = float(max(1.0, null.mean() / freedom, tail))
    wider = own.assign(error=own["error"] * design**0.5)
    return ClusteredNull(
        rates=replace(rates, rates=wider),
        design=design,
        p_value=float((1 + (null >= seen * (1 - _ROUNDING)).sum()) / (1 + draws)),
        clusters=len(names),
    )


@dataclass(frozen=True)
class _Scores:
    """What clusters, or groups of them, add to their units (clusters, units) and kinds (clusters, kinds), and
    the kinds' part of each unit (kinds, units).
    """

    units: csr_matrix
    kinds: csr_matrix
    parts: csr_matrix

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        index: pd.Index,
        who: np.ndarray,
        *,
        happened: str,
        unit: str,
        kinds: Sequence[str],
    ) -> _Scores:
        kind = kind_codes(frame, kinds)
        place = index.get_indexer(frame[unit])
        y = frame[happened].to_numpy(dtype=float)
        size = np.bincount(kind)
        apart = y - (np.bincount(kind, y) / size)[kind]
        told = place >= 0
        shape = (int(who.max()) + 1, len(size), len(index))
        return cls(
            csr_matrix((apart[told], (who[told], place[told])), shape=(shape[0], shape[2])),
            csr_matrix((apart, (who, kind)), shape=shape[:2]),
            csr_matrix((1 / size[kind[told]], (kind[told], place[told])), shape=shape[1:]),
        )

    def sums(self, signs: np.ndarray) -> np.ndarray:
        """What units exceed their kinds by (draws, units), with each cluster's sign (draws, clusters)."""
        return signs @ self.units - (signs @ self.kinds) @ self.parts
