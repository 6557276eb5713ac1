"""The published API descriptions."""
