"""All SQL of the inbound domain: `calls` with their records, `rules`, `voicemails`, `stats`, `events`."""
