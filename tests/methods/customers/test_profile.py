"""What sets a group apart: nothing does where all are alike but for rounding."""

import numpy as np
import pandas as pd

from methods.customers.profile import distinctions, standard_profile


def test_one_price_makes_no_group_a_big_spender():
    """The logarithm of 2,990.00 has a mean that is off in its last digit."""
    rng = np.random.default_rng(1)
    traits = pd.DataFrame({"spend": np.full(700, 2990.0), "pace": rng.gamma(2.0, 1.0, 700)})
    labels = (traits["pace"] > 2).to_numpy().astype(int)
    profile = standard_profile(traits, labels, skewed=("spend", "pace"))
    assert (profile["spend"] == 0).all()
    assert [found.traits for found in distinctions(profile)] == [(("pace", False),), (("pace", True),)]
