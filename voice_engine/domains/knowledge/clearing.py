"""The job that removes files which nothing needs: replaced, deleted, never attached, or left by a crash."""

from collections.abc import Mapping
from typing import Any

from voice_engine.domains.knowledge import repository
from voice_engine.ports.blobs import BlobStore
from voice_engine.ports.jobs import Attempt
from voice_engine.store.engine import Store


class ClearFile:
    """`JobHandler` of `knowledge.clear_file`. Repeating it is harmless."""

    def __init__(self, store: Store, blobs: BlobStore) -> None:
        self._store = store
        self._blobs = blobs

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Delete the bytes, and before them a row that waited in vain.

        Raises:
            UpstreamFailed: `blobs_unavailable`; it is tried again.
        """
        organization_id, file_id = str(payload["organization_id"]), str(payload["file_id"])
        async with self._store.begin(organization_id) as work:
            file = await repository.find_file(work, file_id)
            if file is not None:
                if payload["unless"] == "known" or file.section_id is not None:
                    return
                await repository.delete_files(work, [file_id])
        await self._blobs.delete(str(payload["blob_key"]))
