"""Words of the reception's pages, a module for each."""
