"""Which bytes of a blob a request wants: Range and If-Range of RFC 9110, sections 13.1.5 and 14.

One range is served; for several the whole is sent, which a server may always do.
"""

import datetime as dt
import re
from dataclasses import dataclass
from email.utils import format_datetime, parsedate_to_datetime
from enum import Enum, auto

from voice_engine.ports.blobs import BlobInfo

_RANGE = re.compile(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes from `start` up to and without `end`."""

    start: int
    end: int


class Selection(Enum):
    """Not a range, but an answer about ranges."""

    WHOLE = auto()
    UNSATISFIABLE = auto()


def select(info: BlobInfo, range_header: str | None, if_range: str | None = None) -> ByteRange | Selection:
    """What to send. A Range that is malformed, or of another version than `if_range` says, is ignored."""
    asked = _RANGE.fullmatch(range_header or "")
    if asked is None or (if_range is not None and not _is_current(info, if_range.strip())):
        return Selection.WHOLE
    first, last = asked.groups()
    if not first:
        if not last:
            return Selection.WHOLE
        return _from(info, max(0, info.size_bytes - int(last))) if int(last) else Selection.UNSATISFIABLE
    if last and int(last) < int(first):
        return Selection.WHOLE
    found = _from(info, int(first))
    if isinstance(found, ByteRange) and last:
        return ByteRange(found.start, min(found.end, int(last) + 1))
    return found


def _from(info: BlobInfo, start: int) -> ByteRange | Selection:
    return ByteRange(start, info.size_bytes) if start < info.size_bytes else Selection.UNSATISFIABLE


def _is_current(info: BlobInfo, validator: str) -> bool:
    """Strong comparison: a weak tag never matches, a date must be the very one."""
    if validator.startswith(('"', "W/")):
        return validator == f'"{info.etag}"'
    try:
        return parsedate_to_datetime(validator) == info.modified_at.replace(microsecond=0)
    except (ValueError, TypeError):
        return False


def matches(info: BlobInfo, if_none_match: str | None) -> bool:
    """Whether the client has this version already (If-None-Match, weak comparison)."""
    if if_none_match is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in tags or f'"{info.etag}"' in tags


def http_date(moment: dt.datetime) -> str:
    """A time as headers have it (RFC 9110, section 5.6.7)."""
    return format_datetime(moment.astimezone(dt.UTC), usegmt=True)
