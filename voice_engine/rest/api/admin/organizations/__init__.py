"""Businesses, as whoever runs the server sees them."""
