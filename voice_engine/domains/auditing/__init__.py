"""The audit as an organization reads it: who did what, when, in pages and as a table."""
