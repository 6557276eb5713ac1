"""Overage: bills, and whether there is any."""
