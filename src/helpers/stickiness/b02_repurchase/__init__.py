"""B2: repurchase rate, number of orders, and the repurchase cycle."""
