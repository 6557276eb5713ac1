"""Reading an uploaded document: its kind by content, and its text in pieces that can be searched."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO, Protocol


class DocumentKind(StrEnum):
    """What can be read; the values are media types."""

    PDF = "application/pdf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    CSV = "text/csv"
    TEXT = "text/plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """About 800 characters of a document (`core.retrieval.pieces`).

    `heading` is the path of headings above it, outermost first; `terms` the stems of both, parted by spaces.
    """

    heading: str
    text: str
    terms: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a file says. It has at least one piece."""

    kind: DocumentKind
    pieces: Sequence[Piece] = field(repr=False)


class DocumentReader(Protocol):
    """Reads files that nobody has looked at yet."""

    async def read(self, file: BinaryIO) -> Document:
        """The document in an open file, from its beginning, whatever its name says.

        Raises:
            InvalidInput: `unsupported_file_type`; `unreadable_file`: encrypted, damaged, without text, or too much
                for the limits.
            UpstreamFailed: `reader_unavailable`, retryable.
        """
        ...

    async def divide(self, text: str) -> Sequence[Piece]:
        """The pieces of text that was typed, however long it is."""
        ...
