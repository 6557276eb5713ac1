"""Every table there is: importing this fills `Row.metadata`, for migrations and for tests."""

from voice_engine.domains.accounts import models as accounts
from voice_engine.store import audit, idempotency, outbox
from voice_engine.store.rows import Row

MODULES = (accounts, audit, idempotency, outbox)
"""The modules that declare tables."""

METADATA = Row.metadata
