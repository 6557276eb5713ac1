"""Who a request comes from: keys and tokens, sign-in, sessions, the OAuth server, sign-in with other issuers."""
