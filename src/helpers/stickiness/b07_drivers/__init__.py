"""B7: what goes with retention."""
