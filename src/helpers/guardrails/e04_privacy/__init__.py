"""E4: what of the run may leave."""
