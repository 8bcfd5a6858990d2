"""pytrec_eval on the lists that ours were measured on; it has no measure beyond accuracy."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

LIBRARIES = ("pytrec_eval",)
NAMES = {
    "success_20": "hit_rate",
    "recall_20": "recall",
    "ndcg_cut_20": "ndcg",
    "map_cut_20": "map",
    "recip_rank": "mrr",
}


def pytrec_eval_tenth(folder: Path, customers: int) -> float:
    """Accuracy of 100,000 lists of 20, with the dictionaries that it asks for made as well."""
    import pytrec_eval

    with np.load(folder / "lists_tenth.npz") as kept:
        lists, pointer, relevant = kept["lists"], kept["pointer"], kept["relevant"]
    started = time.process_time()
    names = [str(number) for number in range(int(max(lists.max(), relevant.max())) + 1)]
    truth = {
        str(row): {names[item]: 1 for item in relevant[pointer[row] : pointer[row + 1]]}
        for row in range(len(lists))
    }
    run = {
        str(row): {names[item]: float(20 - place) for place, item in enumerate(items)}
        for row, items in enumerate(lists)
    }
    measures = {"success.20", "recall.20", "ndcg_cut.20", "map_cut.20", "recip_rank"}
    found = pytrec_eval.RelevanceEvaluator(truth, measures).evaluate(run)
    spent = time.process_time() - started
    means = {ours: np.mean([values[theirs] for values in found.values()]) for theirs, ours in NAMES.items()}
    print(f"{len(lists):,} lists: " + ", ".join(f"{name} {value:.9f}" for name, value in means.items()))
    return spent


STAGES = (pytrec_eval_tenth,)
