"""The knowledge domain put together."""

import datetime as dt
from collections.abc import Callable

from voice_engine.domains.identity.ratelimit import Attempts
from voice_engine.domains.knowledge import words
from voice_engine.domains.knowledge.clearing import ClearFile
from voice_engine.domains.knowledge.service import KnowledgeService, Primaries
from voice_engine.ports.blobs import BlobStore
from voice_engine.ports.documents import DocumentReader
from voice_engine.ports.jobs import JobKind
from voice_engine.store.engine import Store
from voice_engine.store.secrets import SecretBox


def build_knowledge(
    store: Store,
    blobs: BlobStore,
    reader: DocumentReader,
    assistants: Primaries,
    *,
    box: SecretBox,
    now: Callable[[], dt.datetime],
) -> KnowledgeService:
    """The service."""
    return KnowledgeService(store, blobs, reader, assistants, Attempts(store, box, now=now), now=now)


def build_knowledge_jobs(store: Store, blobs: BlobStore) -> list[JobKind]:
    """What is done later."""
    return [JobKind(name=words.CLEAR_FILE, handler=ClearFile(store, blobs))]
