"""The times that callers booked: rows of the business, so that no time is sold twice and none is forgotten."""
