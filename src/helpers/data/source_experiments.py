"""The `[experiments]` of a mapping: how each randomised test was run."""

from __future__ import annotations

from typing import Any

from helpers.data.errors import DataError
from helpers.data.experiment import OUTCOMES, USUAL_NAMES, Experiment
from helpers.data.source_keys import check_mapping, check_word, checked_fields

LONGEST_DAYS = 365
MOST_POINTS = 50


def read_experiments(entry: object, *, where: str) -> dict[str, Experiment]:
    """Check the tests that a mapping declares; raises DataError that names the key and what is allowed."""
    found = {}
    for name, fields in check_mapping(entry, where).items():
        found[name] = _experiment(name, check_mapping(fields, f"[experiments.{name}]"))
    for kind in USUAL_NAMES:
        same = [name for name, one in found.items() if one.kind == kind]
        if len(same) > 1:
            raise DataError(
                f"{where}: {' and '.join(same)} are both declared as kind = {kind!r}, and one test of a "
                'kind is asked about; write kind = "" for the others: what was recorded of them is compared'
            )
    return found


def _experiment(name: str, fields: dict[str, Any]) -> Experiment:
    where = f"[experiments.{name}]"
    plain = checked_fields(Experiment, fields, where=where, special=("planned",), hidden=("name",))
    check_word(plain.get("kind", ""), USUAL_NAMES, key="kind", where=where)
    check_word(plain.get("outcome", ""), OUTCOMES, key="outcome", where=where)
    planned = check_mapping(fields.get("planned", {}), f"{where} planned")
    for arm, share in planned.items():
        if isinstance(share, bool) or not isinstance(share, int | float) or not share > 0:
            raise DataError(f"{where} planned: {arm} = {share!r} must be a number above 0, such as 75")
    control = plain.get("control", "control")
    if planned and (control not in planned or len(planned) < 2):
        raise DataError(
            f"{where}: planned names {', '.join(planned)}; it needs {control!r}, the control, and another arm"
        )
    days = plain.get("outcome_days", 0)
    if not 0 <= days <= LONGEST_DAYS:
        raise DataError(f"{where}: outcome_days = {days} must be from 1 to {LONGEST_DAYS}")
    if plain.get("paid_cents", 0) < 0:
        raise DataError(f"{where}: paid_cents = {plain['paid_cents']} must be 0 (read from coupons) or more")
    margin, planned_customers = plain.get("margin_pp"), plain.get("planned_customers", 0)
    if margin is not None and not 0 < margin <= MOST_POINTS:
        raise DataError(f"{where}: margin_pp = {margin} must be above 0 and at most {MOST_POINTS} points")
    if planned_customers < 0:
        raise DataError(f"{where}: planned_customers = {planned_customers} must be 0 (not known) or more")
    return Experiment(name=name, **{"kind": _usual_kind(name), **plain}, planned=dict(planned))


def _usual_kind(name: str) -> str:
    return next((kind for kind, usual in USUAL_NAMES.items() if usual == name), "")
