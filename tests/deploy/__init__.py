"""Files that others' programs read."""
