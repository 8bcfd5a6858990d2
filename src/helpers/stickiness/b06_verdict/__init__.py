"""B6: one verdict over B1 to B5."""
