"""Whether this installation works, and with what."""
