"""B2: which groups of new customers come back more often than others."""
