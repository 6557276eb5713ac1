"""Registration, passwords, sign-in and sessions of the business surface."""
