"""What the holder of the administrator's key may do."""
