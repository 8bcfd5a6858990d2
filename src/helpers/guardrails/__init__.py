"""Chapter E, guardrails: is it honest, does asking too often cost more than it brings, is it safe?"""

from helpers.guardrails.e01_manipulation.manipulation import Manipulation, manipulation
from helpers.guardrails.e01_manipulation.without_suspects import WithoutSuspects, without_suspects
from helpers.guardrails.e02_forced_sharing.forced_sharing import ForcedSharing, forced_sharing
from helpers.guardrails.e02_forced_sharing.leaving import Leaving, leaving
from helpers.guardrails.e02_prompts.prompts import PromptAnswers, prompt_answers
from helpers.guardrails.e03_conduct.conduct_rating import ConductRating, conduct_rating
from helpers.guardrails.e03_ratings.seller_ratings import SellerRatings, seller_ratings
from helpers.guardrails.e03_reviewers.weighed_reviews import WeighedReviews, weighed_reviews
from helpers.guardrails.e04_privacy.privacy import Privacy, privacy

__all__ = [
    "ConductRating",
    "ForcedSharing",
    "Leaving",
    "Manipulation",
    "Privacy",
    "PromptAnswers",
    "SellerRatings",
    "WeighedReviews",
    "WithoutSuspects",
    "conduct_rating",
    "forced_sharing",
    "leaving",
    "manipulation",
    "privacy",
    "prompt_answers",
    "seller_ratings",
    "weighed_reviews",
    "without_suspects",
]
