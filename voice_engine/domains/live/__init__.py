"""What somebody may do with a call that is up."""
