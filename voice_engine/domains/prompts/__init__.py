"""A receptionist's prompt: sections that settings write, around and between them what its owner wrote."""
