"""Finding in written text what a caller asks for: terms, pieces, ranking, and the sentences that answer. Pure."""
