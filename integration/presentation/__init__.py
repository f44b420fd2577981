"""How figures, moments and statuses are written for people; lists, pages and templates share it. It knows nothing of the admin."""
