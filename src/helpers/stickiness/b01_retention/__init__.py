"""B1: next-month and third-month retention, by cohort."""
