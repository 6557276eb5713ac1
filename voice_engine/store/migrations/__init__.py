"""The schema's history, run by alembic; `voice_engine.store.migrate` is its only caller."""
