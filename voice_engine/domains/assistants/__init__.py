"""A business's receptionists: who they are, how they greet, with which voice."""
