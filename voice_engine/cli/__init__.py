"""The command line."""

from voice_engine.cli.app import main

__all__ = ["main"]
