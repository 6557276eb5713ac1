"""What a business has used, and what its plan includes."""
