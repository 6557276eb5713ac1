"""Calls of a business: read, heard, made."""
