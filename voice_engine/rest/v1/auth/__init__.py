"""The Authentication operations, the OAuth server's endpoints and the pages' requests."""
