"""G2: what changed since an earlier report."""
