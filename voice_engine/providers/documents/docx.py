"""Text of a DOCX: headings as `#` lines, a table's rows with their columns' names (ECMA-376, part 1)."""

import re
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError  # the error's class only; defusedxml parses

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from voice_engine.providers.documents.faults import too_much, unreadable
from voice_engine.providers.documents.kinds import DOCX_BODY
from voice_engine.providers.documents.limits import ReadingLimits
from voice_engine.providers.documents.tables import row_lines

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT_W = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_HEADING_STYLE = re.compile(r"(?:heading|titulo|título|ttulo)\s*([1-6])|title", re.IGNORECASE)
_ENCRYPTED = 0x1


def read_docx(file: BinaryIO, limits: ReadingLimits) -> str:
    """Paragraphs and tables in their order. Raises InvalidInput `unreadable_file`."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            body = _part(archive, limits)
        return "\n".join(_blocks(fromstring(body)))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ParseError, DefusedXmlException, OSError) as error:
        raise unreadable("damaged", "is damaged: it cannot be read as a DOCX") from error
    except (NotImplementedError, ValueError, EOFError) as error:
        raise unreadable("damaged", "is packed in a way that is not read here") from error


def _part(archive: zipfile.ZipFile, limits: ReadingLimits) -> bytes:
    """The document's body, counted while it is inflated: what an archive says of its sizes may be a lie."""
    entry = archive.getinfo(DOCX_BODY)
    if entry.flag_bits & _ENCRYPTED:
        raise unreadable("encrypted", "is encrypted; send it without a password")
    if sum(each.file_size for each in archive.infolist()) > limits.inflated_bytes:
        raise too_much()
    with archive.open(entry) as part:
        body = part.read(limits.inflated_bytes + 1)
    if len(body) > limits.inflated_bytes:
        raise too_much()
    return body


def _blocks(root: Any) -> Iterator[str]:  # an element of a parser without types
    strict = root.tag.startswith(_STRICT_W)
    prefix = _STRICT_W if strict else _W
    body = root.find(f"{prefix}body")
    if body is not None:
        yield from _children(body, prefix)


def _children(parent: Any, prefix: str) -> Iterator[str]:
    for child in parent:
        match child.tag.removeprefix(prefix):
            case "p":
                yield _paragraph(child, prefix)
            case "tbl":
                rows = [
                    [" ".join(_children(cell, prefix)) for cell in row.findall(f"{prefix}tc")]
                    for row in child.findall(f"{prefix}tr")
                ]
                yield from ("", *row_lines(rows), "")
            case "sdt" | "sdtContent" | "ins" | "customXml" | "smartTag":
                yield from _children(child, prefix)


def _paragraph(paragraph: Any, prefix: str) -> str:
    parts: list[str] = []
    for element in paragraph.iter():
        match element.tag.removeprefix(prefix):
            case "t":
                parts.append(element.text or "")
            case "tab":
                parts.append(" ")
            case "br" | "cr":
                parts.append("\n")
            case "noBreakHyphen":
                parts.append("-")
    text = "".join(parts).strip()
    style = paragraph.find(f"{prefix}pPr/{prefix}pStyle")
    named = _HEADING_STYLE.match(style.get(f"{prefix}val") or "") if style is not None else None
    return f"{'#' * int(named[1] or 1)} {text}" if named and text else text
