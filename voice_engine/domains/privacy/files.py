"""What a media process keeps of calls on its own disk: a folder of results, and the journal for resuming.

The worker that runs retention shares the data directory with the media process (docs/OPERATIONS.md).
"""

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from voice_engine.store.rows import is_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFiles:
    """`calls` has one folder a call, `journal` one file a call, both named by the call's id."""

    calls: Path
    journal: Path

    async def forget(self, call_ids: Sequence[str]) -> None:
        """Delete what there is of these calls; nothing there is no error.

        Raises:
            OSError: a file cannot be deleted; the rows are then kept, so that it is tried again.
        """
        await asyncio.get_running_loop().run_in_executor(None, self._forget, call_ids)

    def _forget(self, call_ids: Sequence[str]) -> None:
        for call_id in call_ids:
            assert is_id(call_id), "a folder's name is an id, never a path"
            folder = self.calls / call_id
            if folder.is_dir():
                shutil.rmtree(folder)
            (self.journal / f"{call_id}.json").unlink(missing_ok=True)
