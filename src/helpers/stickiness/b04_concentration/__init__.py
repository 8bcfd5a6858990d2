"""B4: in how many hands revenue lies."""
