"""Does sharing bring customers back: estimators for chosen and for drawn treatments, and their answers."""

from helpers.uplift.a01_share_gap.covariate_balance import covariate_balance
from helpers.uplift.a01_share_gap.falsification import falsification
from helpers.uplift.a01_share_gap.interval_coverage import interval_coverage
from helpers.uplift.a01_share_gap.known_effects import known_effects
from helpers.uplift.a01_share_gap.known_exposures import known_exposures
from helpers.uplift.a01_share_gap.sensitivity import sensitivity
from helpers.uplift.a01_share_gap.share_gap import share_gap
from helpers.uplift.a02_prompt_test.money_moved import money_moved
from helpers.uplift.a02_prompt_test.other_tests import other_tests
from helpers.uplift.a02_prompt_test.prompt_test import prompt_test
from helpers.uplift.a02_prompt_test.recorded_outcome import recorded_outcome
from helpers.uplift.a03_likes_dose_response.likes_dose_response import likes_dose_response, ten_likes
from helpers.uplift.a04_coupon_threshold.coupon_threshold import coupon_threshold
from helpers.uplift.a05_cashback.cashback import cashback_test
from helpers.uplift.a06_brand_reply.brand_reply import brand_reply
from helpers.uplift.a07_programmes.every_programme import every_programme
from helpers.uplift.a07_programmes.programme_effect import programme_effect
from helpers.uplift.a08_spill_over.community import community_purchases
from helpers.uplift.a08_spill_over.ignored_network import ignored_network
from helpers.uplift.a08_spill_over.spill_over import spill_over
from helpers.uplift.a09_who_gains.gain_profile import gain_profile
from helpers.uplift.a09_who_gains.who_gains import who_gains
from helpers.uplift.a10_word_of_mouth.word_of_mouth import word_of_mouth
from helpers.uplift.a11_coupon_halo.coupon_halo import coupon_halo
from helpers.uplift.a12_next_test.launched_wins import launched_wins
from helpers.uplift.a12_next_test.next_test import next_test

__all__ = [
    "brand_reply",
    "cashback_test",
    "community_purchases",
    "coupon_halo",
    "coupon_threshold",
    "covariate_balance",
    "every_programme",
    "falsification",
    "gain_profile",
    "ignored_network",
    "interval_coverage",
    "known_effects",
    "known_exposures",
    "launched_wins",
    "likes_dose_response",
    "money_moved",
    "next_test",
    "other_tests",
    "programme_effect",
    "prompt_test",
    "recorded_outcome",
    "sensitivity",
    "share_gap",
    "spill_over",
    "ten_likes",
    "who_gains",
    "word_of_mouth",
]
