"""`python -m voice_engine`, which needs no script on the path."""

from voice_engine.cli import main

main()
