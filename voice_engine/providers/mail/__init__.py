"""Ways out for mail."""
