"""The two HTTP surfaces, thin over the domains: bytes in and out, authentication, error envelopes."""
