"""The people that an organization knows by their numbers."""
