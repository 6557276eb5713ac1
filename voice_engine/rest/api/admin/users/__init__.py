"""Orders about people."""
