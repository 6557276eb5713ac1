"""Calls of `/v1`: place, list, read, cancel, move, stop."""
