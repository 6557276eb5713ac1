"""Text of a PDF, in the order in which its pages draw it (columns come one after the other)."""

import re
from typing import BinaryIO

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from voice_engine.providers.documents.faults import too_much, unreadable
from voice_engine.providers.documents.limits import ReadingLimits

_HYPHENATED = re.compile(r"(?<=[^\W\d_])[-\u00ad]\n(?=[a-záéíóúüñ])")
_ENDS = re.compile(r"[.!?:;…]['\"”’)»]?$")


def read_pdf(file: BinaryIO, limits: ReadingLimits) -> str:
    """The text of every page. Raises InvalidInput `unreadable_file`."""
    file.seek(0)
    try:
        reader = PdfReader(file, strict=False)
        if reader.is_encrypted:
            raise unreadable("encrypted", "is encrypted; send it without a password")
        if len(reader.pages) > limits.pages:
            raise unreadable("too_large", f"has more than {limits.pages} pages")
        return _text(reader, limits)
    except (
        PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        OSError,
        ArithmeticError,
    ) as error:
        raise unreadable("damaged", "is damaged: it cannot be read as a PDF") from error


def _text(reader: PdfReader, limits: ReadingLimits) -> str:
    pages: list[str] = []
    size = 0
    for page in reader.pages:
        text = unwrapped(page.extract_text())
        size += len(text)
        if size > limits.text_chars:
            raise too_much()
        pages.append(text)
    return "\n\n".join(pages)


EDGE, NEAR_EDGE = 0.75, 0.6
"""Shares of the widest line from which on the column broke a line: whatever follows, and unless a capital does."""


def unwrapped(page: str) -> str:
    """The page's lines as paragraphs: a line goes on where the one before broke off at the column's edge.

    A line that ends well before the edge and is followed by a capital letter is a heading, not the start of it.
    """
    lines = [" ".join(line.split()) for line in _HYPHENATED.sub("", page).splitlines()]
    widest = max((len(line) for line in lines), default=0)
    paragraphs: list[str] = []
    reach = 0.0
    for line in lines:
        if not line:
            reach = 0.0
            continue
        goes_on = reach > (EDGE if line[0].isupper() else NEAR_EDGE)
        if goes_on or (paragraphs and line[0].islower() and not _ENDS.search(paragraphs[-1])):
            paragraphs[-1] += f" {line}"
        else:
            paragraphs.append(line)
        reach = 0.0 if _ENDS.search(line) else len(line) / widest
    return "\n".join(paragraphs)
