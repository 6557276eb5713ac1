"""What of an organization's own settings does not work, or will not for long."""
