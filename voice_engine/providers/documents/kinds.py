"""What a file is, by its first bytes and its parts, never by its name."""

import re
import zipfile
from typing import BinaryIO

from voice_engine.ports.documents import DocumentKind
from voice_engine.providers.documents.faults import unreadable, unsupported

PDF_HEAD_BYTES = 1024
"""Readers accept a PDF whose header stands anywhere in so many bytes (ISO 32000-1, appendix H, note 13)."""
SAMPLE_BYTES = 64 * 1024
DOCX_BODY = "word/document.xml"

_BINARY_HEADS = (
    b"MZ", b"\x7fELF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"Rar!",
    b"7z\xbc\xaf", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"OggS", b"ID3", b"RIFF", b"{\\rtf", b"%!PS",
)  # fmt: skip
"""What is certainly something else, though it may decode as text (RTF, PostScript) or nearly so."""
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MOST_CONTROLS = 0.001
"""Text has hardly any control characters; UTF-16 is told by its mark before."""
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def kind_of(file: BinaryIO) -> DocumentKind:
    """The kind of an open file; CSV counts as text here (`plain.py` tells them apart).

    Raises:
        InvalidInput: `unsupported_file_type`, `unreadable_file` (nothing in it).
    """
    file.seek(0)
    head = file.read(SAMPLE_BYTES)
    if not head.strip():
        raise unreadable("empty", "is empty")
    if head.startswith(_BINARY_HEADS):
        raise unsupported()
    if b"%PDF-" in head[:PDF_HEAD_BYTES]:
        return DocumentKind.PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        if not _is_docx(file):
            raise unsupported()
        return DocumentKind.DOCX
    if not head.startswith(_UTF16) and len(_CONTROLS.findall(head)) > len(head) * _MOST_CONTROLS:
        raise unsupported()
    return DocumentKind.TEXT


def _is_docx(file: BinaryIO) -> bool:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            return DOCX_BODY in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError):
        return False
