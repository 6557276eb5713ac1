"""The journal: what a call needs to go on after its socket or process is gone, written after each turn."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import structlog

from voice_engine.errors import InvalidInput

VERSION = 1

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """The state of a call after a turn. All members are JSON-ready; `elapsed_ms` is the call's clock."""

    call_id: str
    elapsed_ms: int
    conversation: Mapping[str, Any]
    turn_taking: Mapping[str, Any]
    turns: tuple[Mapping[str, Any], ...]
    next_sequence: int
    version: int = VERSION

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(
            {
                "version": self.version,
                "call_id": self.call_id,
                "elapsed_ms": self.elapsed_ms,
                "conversation": self.conversation,
                "turn_taking": self.turn_taking,
                "turns": list(self.turns),
                "next_sequence": self.next_sequence,
            },
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, text: str) -> "JournalEntry":
        """Read an entry back. Raises InvalidInput (`journal_version`, `journal_unreadable`)."""
        try:
            raw = json.loads(text)
            version = raw["version"]
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidInput("journal_unreadable", "the journal entry is not readable JSON") from error
        if version != VERSION:
            raise InvalidInput("journal_version", f"journal version {version} is not {VERSION}")
        return cls(
            call_id=raw["call_id"],
            elapsed_ms=raw["elapsed_ms"],
            conversation=raw["conversation"],
            turn_taking=raw["turn_taking"],
            turns=tuple(raw["turns"]),
            next_sequence=raw["next_sequence"],
        )


class Journal(Protocol):
    """Keeps the newest entry of each call."""

    def write(self, entry: JournalEntry) -> None:
        """Keep `entry`, replacing the call's older one."""
        ...

    def read(self, call_id: str) -> JournalEntry | None:
        """The newest entry of the call, if any."""
        ...

    def forget(self, call_id: str) -> None:
        """The call is over."""
        ...


class CallJournal:
    """The journal as one call sees it: there may be none, and one that fails costs no more than itself.

    Without an entry the call could not be gone on with elsewhere; it goes on here. A later turn tries again.
    """

    def __init__(self, journal: Journal | None, *, call_id: str) -> None:
        self._journal = journal
        self._call_id = call_id

    def write(self, entry: Callable[[], JournalEntry]) -> None:
        """Keep what `entry` returns, where there is a journal."""
        if self._journal is None:
            return
        try:
            self._journal.write(entry())
        except OSError as error:
            log.error("call.journal_failed", call_id=self._call_id, reason=error.strerror)

    def forget(self) -> None:
        """The call is over."""
        if self._journal is None:
            return
        try:
            self._journal.forget(self._call_id)
        except OSError as error:
            log.error("call.journal_failed", call_id=self._call_id, reason=error.strerror)


class MemoryJournal:
    """Entries of calls in this process."""

    def __init__(self) -> None:
        self._lines: dict[str, str] = {}

    def write(self, entry: JournalEntry) -> None:
        """Keep the serialised entry, so that what is read back is what a file would give."""
        self._lines[entry.call_id] = entry.to_json()

    def read(self, call_id: str) -> JournalEntry | None:
        """The newest entry of the call, if any."""
        line = self._lines.get(call_id)
        return JournalEntry.from_json(line) if line is not None else None

    def forget(self, call_id: str) -> None:
        """Drop the call's entry."""
        self._lines.pop(call_id, None)


class FileJournal:
    """One small file a call in a directory, replaced atomically (a few kB; under 1 ms on a local disk)."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def write(self, entry: JournalEntry) -> None:
        """Replace the call's file."""
        path = self._path(entry.call_id)
        scratch = path.with_suffix(".tmp")
        scratch.write_text(entry.to_json(), encoding="utf-8")
        scratch.replace(path)

    def read(self, call_id: str) -> JournalEntry | None:
        """The call's file, if any."""
        path = self._path(call_id)
        return JournalEntry.from_json(path.read_text(encoding="utf-8")) if path.exists() else None

    def forget(self, call_id: str) -> None:
        """Remove the call's file, and the half of one that a full disk left."""
        path = self._path(call_id)
        path.unlink(missing_ok=True)
        path.with_suffix(".tmp").unlink(missing_ok=True)

    def _path(self, call_id: str) -> Path:
        if not call_id.replace("-", "").replace("_", "").isalnum():
            raise InvalidInput("bad_call_id", "a call id has letters, digits, - and _ only")
        return self._directory / f"{call_id}.json"
