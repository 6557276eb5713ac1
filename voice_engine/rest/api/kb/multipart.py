"""The upload form, read as it arrives: the file goes to disk, is counted on the way, and never stands in memory."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath, PureWindowsPath
from typing import BinaryIO

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from voice_engine.domains.knowledge.models import NAME_LENGTH
from voice_engine.domains.knowledge.service import Upload
from voice_engine.domains.knowledge.words import MAX_FILE_BYTES
from voice_engine.errors import InvalidInput
from voice_engine.rest.requests import MOST_BODY_BYTES, allow_body
from voice_engine.rest.v1.errors import field_error

FILE, MEDIA_TYPE = "file", "multipart/form-data"
MOST_FORM_BYTES = 64 * 1024
"""What a form may hold besides its file: boundaries, headers, the section's key."""
MOST_FIELD_BYTES = 1024
MOST_PARTS = 20


@dataclass(slots=True)
class _Form:
    """What the parser has told so far. `written` waits to go to disk."""

    fields: dict[str, bytearray] = field(default_factory=dict)
    file_name: str | None = None
    size_bytes: int = 0
    written: list[bytes] = field(default_factory=list)
    complete: bool = False
    _header: bytearray = field(default_factory=bytearray)
    _value: bytearray = field(default_factory=bytearray)
    _disposition: bytes = b""
    _part: str | None = None
    _parts: int = 0

    def parser(self, boundary: bytes) -> MultipartParser:
        """A parser that tells this form."""
        return MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
                "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
                "on_header_end": self._header_ends,
                "on_headers_finished": self._named,
                "on_part_data": self._data,
                "on_end": self._end,
            },
        )

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise FormParserError("too many parts")
        self._part, self._disposition = None, b""

    def _header_ends(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _named(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._part = options.get(b"name", b"").decode("utf-8", "replace")
        if self._part != FILE:
            self.fields[self._part] = bytearray()
        elif self.file_name is not None:
            raise FormParserError("two files")
        else:
            self.file_name = _plain_name(options.get(b"filename", b"").decode("utf-8", "replace"))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._part == FILE:
            self.size_bytes += end - start
            if self.size_bytes > MAX_FILE_BYTES:
                raise _too_large()
            self.written.append(data[start:end])
        elif self._part is not None:
            value = self.fields[self._part]
            value += data[start:end]
            if len(value) > MOST_FIELD_BYTES:
                raise FormParserError("a field is too long")

    def _end(self) -> None:
        self.complete = True


@asynccontextmanager
async def received(request: Request) -> AsyncIterator[tuple[Upload, str]]:
    """The file that was sent, open, and the section's key as it was given (unchecked). It is gone afterwards.

    Raises:
        InvalidInput: `file_too_large`, `validation_error`.
    """
    content_type = request.headers.get("content-type", "")
    given, options = parse_options_header(content_type)
    if given.decode("latin-1").lower() != MEDIA_TYPE or not options.get(b"boundary"):
        raise field_error(FILE, f"is needed: send the form as {MEDIA_TYPE}")
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length) > MAX_FILE_BYTES + MOST_FORM_BYTES:
        raise _too_large()
    allow_body(request, MAX_FILE_BYTES + MOST_BODY_BYTES)  # the count below comes first, with this form's own words
    with tempfile.TemporaryFile() as content:
        form = _Form()
        sha256 = await _receive(request, form, options[b"boundary"], content)
        if form.file_name is None:
            raise field_error(FILE, "is needed")
        section = bytes(form.fields.get("section", b"")).decode("utf-8", "replace")
        upload = Upload(name=form.file_name, content=content, size_bytes=form.size_bytes, sha256=sha256)
        yield upload, section


async def _receive(request: Request, form: _Form, boundary: bytes, content: BinaryIO) -> str:
    """The file's SHA-256."""
    digest, total = hashlib.sha256(), 0
    try:
        parser = form.parser(boundary)
        async with aclosing(request.stream()) as chunks:
            async for chunk in chunks:
                total += len(chunk)
                if total > MAX_FILE_BYTES + MOST_FORM_BYTES:
                    raise _too_large()
                parser.write(chunk)
                written, form.written = form.written, []
                for part in written:
                    digest.update(part)
                    await asyncio.to_thread(content.write, part)
        parser.finalize()
    except FormParserError as error:
        raise field_error(FILE, "cannot be found: the form is not well formed") from error
    if not form.complete:
        raise field_error(FILE, "is not whole: the form ends in the middle")
    return digest.hexdigest()


def _plain_name(given: str) -> str:
    """The file's own name, without folders of either kind and without what no list can show."""
    name = PureWindowsPath(PurePosixPath(given).name).name
    shown = "".join(char for char in name if char.isprintable()).strip()
    return shown[-NAME_LENGTH:] or "upload"


def _too_large() -> InvalidInput:
    return InvalidInput(
        "file_too_large",
        f"the file has more than {MAX_FILE_BYTES} bytes",
        details={"maxBytes": MAX_FILE_BYTES},
    )
