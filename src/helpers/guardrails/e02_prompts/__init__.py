"""E2: what a single request to share brings at once, and how that wears off."""
