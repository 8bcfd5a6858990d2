"""E3: which sellers are told apart by product, service and delivery, and what acting on it would do."""
