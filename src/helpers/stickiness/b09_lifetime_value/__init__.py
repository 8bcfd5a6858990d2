"""B9: customer lifetime value, and keeping against winning."""
