"""B4: revenue as customers times orders times value."""
