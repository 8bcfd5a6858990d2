"""B5: the net promoter score."""
