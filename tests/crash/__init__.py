"""Shows that `kill -9` of a worker or a web process at any moment loses nothing and doubles nothing."""
