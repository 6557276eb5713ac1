"""The way out to other issuers of identity."""
