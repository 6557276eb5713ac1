"""`/api/kb`: knowledge sections and the files they are made of."""
