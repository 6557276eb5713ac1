"""Durable work on DBOS: take-over from the outbox, runs, retries, calendar, workers and their supervision."""
