"""What would change a choice: the weight of each criterion at which another option wins."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray


def weight_switches(scores: ArrayLike) -> pd.DataFrame:
    """Return for each criterion the weights nearest to an equal one at which another option takes the lead.

    scores: on fixed anchors, options × criteria. The other criteria share the rest equally. One row a
    criterion: criterion (its place), weight (equal, 0 to 1), above and below (the weight at which the lead
    changes; nan where it never does), to_above and to_below (which option then leads, −1 for none).

    >>> weight_switches([[8.0, 2.0], [5.0, 4.0]])[["above", "below"]].round(2).values.tolist()
    [[nan, 0.4], [0.6, nan]]
    """
    values = np.asarray(scores, dtype=float)
    if values.ndim != 2 or values.shape[0] < 2 or values.shape[1] < 2:
        raise ValueError(f"scores have shape {values.shape}; at least 2 options × 2 criteria are needed")
    rows = []
    for criterion in range(values.shape[1]):
        own, others = values[:, criterion], np.delete(values, criterion, axis=1).mean(axis=1)
        equal = 1 / values.shape[1]
        above, to_above = _switch(own, others, equal, upwards=True)
        below, to_below = _switch(own, others, equal, upwards=False)
        rows.append((criterion, equal, above, to_above, below, to_below))
    return pd.DataFrame(rows, columns=["criterion", "weight", "above", "to_above", "below", "to_below"])


def _switch(
    own: NDArray[np.float64], others: NDArray[np.float64], equal: float, *, upwards: bool
) -> tuple[float, int]:
    """Walk from the equal weight to 1 or 0: values are lines in it, so leads change where they meet."""
    start = equal * own + (1 - equal) * others
    leader = int(np.argmax(start))
    gain = (own - others) - (own - others)[leader]
    behind = start[leader] - start
    with np.errstate(divide="ignore", invalid="ignore"):
        step = (
            np.where(gain > 0, behind / gain, np.inf)
            if upwards
            else np.where(gain < 0, behind / -gain, np.inf)
        )
    step[leader] = np.inf
    nearest = int(np.argmin(step))
    room = 1 - equal if upwards else equal
    if step[nearest] > room:
        return float("nan"), -1
    return float(equal + step[nearest] if upwards else equal - step[nearest]), nearest
