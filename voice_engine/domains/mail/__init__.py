"""Letters that this installation writes: kept, readable by its operator, sent where a relay is configured."""
