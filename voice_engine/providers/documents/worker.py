"""Reads one document in a process that holds nothing: no settings, no database, little memory, little time.

Started by `reader.py`: the document is standard input; on standard output come a line that says what it is, then a
line for each piece, in JSON. What a parser of hostile files does wrong, it does here.
"""

import io
import json
import resource
import sys
from typing import Any, BinaryIO

from voice_engine.core.retrieval.pieces import pieces_of
from voice_engine.errors import InvalidInput
from voice_engine.ports.documents import DocumentKind
from voice_engine.providers.documents.faults import too_much, unreadable
from voice_engine.providers.documents.kinds import kind_of
from voice_engine.providers.documents.limits import ReadingLimits

DOCUMENT, TEXT = "document", "text"


def main(task: str, memory_bytes: int, cpu_s: int) -> None:
    """Read standard input; `task` says whether it is a file or text that was typed."""
    confine(memory_bytes, cpu_s)
    try:
        kind, text = _typed() if task == TEXT else read(io.BytesIO(sys.stdin.buffer.read()), ReadingLimits())
        pieces = [[piece.heading, piece.text, piece.terms] for piece in pieces_of(text)]
        if task == DOCUMENT and not any(terms for _, _, terms in pieces):
            raise unreadable("no_text", "has no text in it; a scanned page is a picture")
        answer: list[Any] = [{"kind": kind}, *pieces]
    except InvalidInput as refusal:
        answer = [_refused(refusal)]
    except (MemoryError, RecursionError):
        answer = [_refused(too_much())]
    for line in answer:
        sys.stdout.write(json.dumps(line) + "\n")


def _typed() -> tuple[DocumentKind, str]:
    return DocumentKind.TEXT, sys.stdin.buffer.read().decode()


def _refused(refusal: InvalidInput) -> dict[str, str]:
    return {"error": refusal.code, "message": refusal.message, "reason": str(refusal.details.get("reason", ""))}


def confine(memory_bytes: int, cpu_s: int) -> None:
    """Give up what reading does not need: memory, time, files of our own, new processes' dumps."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read(file: BinaryIO, limits: ReadingLimits) -> tuple[DocumentKind, str]:
    """Kind and text of a document. Raises InvalidInput `unsupported_file_type`, `unreadable_file`."""
    match kind := kind_of(file):  # each parser is loaded only where it is needed: PDF's takes half a second
        case DocumentKind.PDF:
            from voice_engine.providers.documents.pdf import read_pdf  # noqa: PLC0415

            text = read_pdf(file, limits)
        case DocumentKind.DOCX:
            from voice_engine.providers.documents.docx import read_docx  # noqa: PLC0415

            text = read_docx(file, limits)
        case _:
            from voice_engine.providers.documents.plain import read_plain  # noqa: PLC0415

            kind, text = read_plain(file, limits)
    return kind, text.replace("\0", "")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
