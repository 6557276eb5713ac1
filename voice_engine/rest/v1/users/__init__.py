"""The signed-in user, in the words of the older reference."""
