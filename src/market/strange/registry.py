"""All strange worlds by name, and how one is written into a folder."""

from __future__ import annotations

import json
from pathlib import Path
from types import MappingProxyType

from market.strange import confounding, groups, hidden, rare
from market.strange.world import Rules, StrangeWorld

SIZES = (2_000, 4_000, 20_000)
_SHAPES = "own shapes, to be unlike any learner's; Student's t of 2 degrees of freedom"

WORLDS = MappingProxyType(
    {
        "mild": Rules(about="straight, mild confounding", source="Robins 1986", make=confounding.mild),
        "null": Rules(about="bent confounding, no effect", source="Robins 1986", make=confounding.null),
        "smooth": Rules(
            about="smooth confounding, long tails",
            source="Friedman 1991",
            make=confounding.smooth,
            rows=SIZES,
        ),
        "rings": Rules(about="confounding in rings", source=_SHAPES, make=confounding.rings, rows=SIZES),
        "sawtooth": Rules(
            about="confounding in teeth", source=_SHAPES, make=confounding.sawtooth, rows=SIZES
        ),
        "threshold": Rules(
            about="confounding in steps", source=_SHAPES, make=confounding.threshold, rows=SIZES
        ),
        "weak_overlap": Rules(
            about="few counterparts", source="Crump, Hotz, Imbens and Mitnik 2009", make=rare.weak_overlap
        ),
        "sellers": Rules(
            about="400 sellers confound", source="Arkhangelsky and Imbens 2018", make=groups.sellers
        ),
        "adoption": Rules(
            about="30 villages adopt as a whole", source="Cameron and Miller 2015", make=groups.adoption
        ),
        "village_trial": Rules(
            about="6 villages drawn by lot", source="Cameron and Miller 2015", make=groups.village_trial
        ),
        "rare_treatment": Rules(
            about="2 % treated", source="King and Zeng 2001", make=rare.rare_treatment, rows=(4_000,)
        ),
        "rare_outcome": Rules(
            about="1 % outcomes", source="King and Zeng 2001", make=rare.rare_outcome, rows=(4_000,)
        ),
        "rare_flag": Rules(about="a rare flag decides", source="King and Zeng 2001", make=rare.rare_flag),
        "hidden_felt": Rules(
            about="hidden cause, felt by controls", source="Schuemie and others 2014", make=hidden.hidden_felt
        ),
        "hidden_unfelt": Rules(
            about="hidden cause, controls blind", source="Schuemie and others 2014", make=hidden.hidden_unfelt
        ),
        "hidden_harmless": Rules(
            about="hidden cause of outcome and controls that nobody chooses by",
            source="Schuemie and others 2014",
            make=hidden.hidden_harmless,
        ),
        "heavy_spend": Rules(
            about="money with a long tail", source="Manning and Mullahy 2001", make=rare.heavy_spend
        ),
    }
)


def draw_world(name: str, *, rows: int = 0, seed: int = 1) -> StrangeWorld:
    """Return a sample of a world; rows: 0 takes the largest size it is asked at.

    Raises KeyError on a name that is not in `WORLDS`.

    >>> world = draw_world("mild", rows=2_000, seed=1)
    >>> len(world.frame), sorted(world.truth)
    (2000, ['ate', 'att'])
    """
    if name not in WORLDS:
        raise KeyError(f"no world {name!r}; there are {list(WORLDS)}")
    rules = WORLDS[name]
    return rules.make(rows or max(rules.rows), seed)


def write_world(folder: Path | str, name: str, *, rows: int = 0, seed: int = 1) -> Path:
    """Write a sample of a world as frame.parquet, roles.json and truth.json; return the folder."""
    world, folder = draw_world(name, rows=rows, seed=seed), Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    world.frame.to_parquet(folder / "frame.parquet", index=False)
    for file, content in (("roles", world.roles()), ("truth", world.truth)):
        text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
        (folder / f"{file}.json").write_text(text + "\n", encoding="utf-8")
    return folder
