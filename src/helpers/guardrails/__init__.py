"""Chapter E, guardrails: is it honest, does asking too often cost more than it brings, is it safe?"""

from helpers.guardrails.e02_forced_sharing.forced_sharing import ForcedSharing, forced_sharing

__all__ = [
    "ForcedSharing",
    "forced_sharing",
]
