"""Assistants of a business: list, names, greeting."""
