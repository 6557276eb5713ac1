"""Voices: the catalogue, samples, and the one that a business uses."""
