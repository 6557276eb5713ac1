"""Organizations, the people in them, and what belongs to an account as such."""
