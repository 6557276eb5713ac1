"""The business surface, `/api/*`: a receptionist for an organization, signed in by a session cookie."""
