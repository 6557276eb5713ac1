"""The number that a business is called on."""
