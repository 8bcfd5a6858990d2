"""Chapter E, guardrails: is it honest, does asking too often cost more than it brings, is it safe?"""

from helpers.guardrails.e02_forced_sharing.forced_sharing import ForcedSharing, forced_sharing
from helpers.guardrails.e02_prompts.prompts import PromptAnswers, prompt_answers

__all__ = [
    "ForcedSharing",
    "PromptAnswers",
    "forced_sharing",
    "prompt_answers",
]
