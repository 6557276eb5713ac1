"""Calls of both surfaces and both directions: one row a call, from request to bill."""
