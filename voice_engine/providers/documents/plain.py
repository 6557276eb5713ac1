"""Plain text and CSV: their encoding, and which of the two it is."""

from typing import BinaryIO

from charset_normalizer import from_bytes

from voice_engine.ports.documents import DocumentKind
from voice_engine.providers.documents.faults import too_much, unsupported
from voice_engine.providers.documents.kinds import SAMPLE_BYTES
from voice_engine.providers.documents.limits import ReadingLimits
from voice_engine.providers.documents.tables import csv_lines, delimiter_of

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_WESTERN = ("cp1252", "latin-1")
"""What English and Spanish are written in where it is not Unicode; asked before a guess by frequencies."""
_SPANISH = frozenset("áéíóúüñÁÉÍÓÚÜÑ¿¡€ºª«»–—‘’“”…·°ßçèêàâôûäö®©")


def read_plain(file: BinaryIO, limits: ReadingLimits) -> tuple[DocumentKind, str]:
    """What it is and what it says. Raises InvalidInput `unsupported_file_type`."""
    file.seek(0)
    text = decoded(file.read())
    if len(text) > limits.text_chars:
        raise too_much()
    delimiter = delimiter_of(text)
    if delimiter is None:
        return DocumentKind.TEXT, text
    return DocumentKind.CSV, "\n".join(csv_lines(text, delimiter))


def decoded(data: bytes) -> str:
    """The text, by its mark, as UTF-8, as a Western encoding, or as whatever its letters are most like."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _as(data, encoding)
    try:
        return _printable(data.decode())
    except UnicodeDecodeError:
        pass
    for encoding in _WESTERN:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if {char for char in text if ord(char) > 127} <= _SPANISH:
            return _printable(text)
    guess = from_bytes(data[:SAMPLE_BYTES]).best()
    if guess is None:
        raise unsupported()
    return _as(data, guess.encoding)


def _as(data: bytes, encoding: str) -> str:
    try:
        return _printable(data.decode(encoding))
    except UnicodeDecodeError as error:
        raise unsupported() from error


def _printable(text: str) -> str:
    """The text without what no database keeps. Raises InvalidInput `unsupported_file_type`."""
    if text.count("\0") > len(text) // 1000:
        raise unsupported()
    return text.replace("\0", "")
