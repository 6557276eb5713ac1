"""Calls rehearsed without a line: the engine's dialogue against the carrier's scripted respondents."""
