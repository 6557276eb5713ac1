"""Inbound calls of `/v1`: records, live control, rules, voicemails, contacts, events."""
