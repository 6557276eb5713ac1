"""Address books of others."""
