"""B10: how much of retention rests on sharing."""
