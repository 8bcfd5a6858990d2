"""A1: the customers among whom sharing was open, where a rule kept others from it or made them share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from helpers.data.share_study import Study
from helpers.report import CannotAnswer, words_beside
from helpers.report.plain_names import plain_name
from methods.adjust.treatment_rules import TreatmentRule, treatment_rules
from methods.regression.arms import FEWEST_IN_GROUP

WORDS = words_beside(__file__, "share_gap")


def open_study(study: Study) -> tuple[Study, tuple[TreatmentRule, ...]]:
    """Return the study without customers of whose kind nobody, or everybody, shared, and these rules.

    Raises CannotAnswer, naming the rules, where fewer than 25 sharers or 25 others are left.
    """
    rules = treatment_rules(study.frame, treatment="shared", covariates=study.covariates)
    if not rules:
        return study, ()
    left = study.frame[~np.any([rule.of_kind for rule in rules], axis=0)].reset_index(drop=True)
    sharers = int(left["shared"].sum())
    if min(sharers, len(left) - sharers) < FEWEST_IN_GROUP:
        told = list(map(in_words, rules))
        raise CannotAnswer(
            WORDS.text("nobody to compare", rules=told, sharers=sharers, others=len(left) - sharers) + "."
        )
    return replace(study, frame=left), rules


def in_words(rule: TreatmentRule) -> str:
    """Return a rule as a clause: who never, or always, shared, and how many."""
    value = rule.value
    if isinstance(value, float):
        cents = rule.covariate.endswith("_cents")
        value = f"{value / 100:,.2f}" if cents else f"{value:,.10g}"
    return WORDS.text(
        "rule",
        trait=plain_name(rule.covariate),
        side=rule.side,
        value=value,
        always=rule.always,
        customers=rule.rows,
    )
