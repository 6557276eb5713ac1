"""The operations on telephone numbers."""
