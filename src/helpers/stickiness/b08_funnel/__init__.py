"""B8: where in the purchase path a group drops out."""
