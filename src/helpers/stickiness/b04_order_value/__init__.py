"""B4: average order value and revenue per active customer."""
