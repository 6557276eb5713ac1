"""The durable work of the knowledge domain."""

from voice_engine.domains.knowledge import words
from voice_engine.domains.knowledge.clearing import ClearFile
from voice_engine.ports.blobs import BlobStore
from voice_engine.ports.jobs import JobKind
from voice_engine.store.engine import Store


def build_knowledge_jobs(store: Store, blobs: BlobStore) -> list[JobKind]:
    """What is done later."""
    return [JobKind(name=words.CLEAR_FILE, handler=ClearFile(store, blobs))]
