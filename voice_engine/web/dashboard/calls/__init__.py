"""The pages of calls: the list, a new one, one of them."""
