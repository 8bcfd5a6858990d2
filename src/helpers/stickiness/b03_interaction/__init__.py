"""B3: how often active customers interact."""
