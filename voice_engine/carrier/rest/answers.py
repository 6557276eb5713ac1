"""Twilio's REST conventions: forms read strictly, errors with its codes, dates, pages."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

API_VERSION = "2010-04-01"
MAX_BODY_BYTES = 64 * 1024
DEFAULT_PAGE = 50
LARGEST_PAGE = 1000

E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
"""A number that may be called or bought."""


class ApiError(Exception):
    """A refusal: HTTP status, Twilio's code, a sentence."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> Response:
        """The body as Twilio writes it."""
        body = {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        return JSONResponse(body, status_code=self.status)


def not_found(path: str) -> ApiError:
    """Twilio's 404."""
    return ApiError(404, 20404, f"The requested resource {path} was not found")


def rfc2822(moment: dt.datetime | None) -> str | None:
    """A date as the 2010 API writes it: `Wed, 18 Aug 2010 20:01:40 +0000`."""
    return None if moment is None else format_datetime(moment.astimezone(dt.UTC))


def iso8601(moment: dt.datetime) -> str:
    """A date as the newer APIs write it."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Form:
    """Fields of a request; names may repeat. Every reader raises `ApiError`."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._pairs = list(pairs)

    @classmethod
    async def read(cls, request: Request) -> "Form":
        """A POST's body. Raises ApiError: 413, or 415 for a body that is no form."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        announced = request.headers.get("content-length", "0")
        body = bytearray()
        if announced.isdigit() and int(announced) > MAX_BODY_BYTES:
            raise ApiError(413, 20413, "Request body too large")
        async with aclosing(request.stream()) as chunks:
            async for chunk in chunks:
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    raise ApiError(413, 20413, "Request body too large")
        if body and kind != "application/x-www-form-urlencoded":
            raise ApiError(415, 20415, "Content type must be application/x-www-form-urlencoded")
        return cls(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))

    @classmethod
    def query(cls, request: Request) -> "Form":
        """The query of a GET."""
        return cls(parse_qsl(request.url.query, keep_blank_values=True))

    def get(self, name: str) -> str | None:
        """The last value; empty ones count as absent."""
        values = [value for key, value in self._pairs if key == name and value]
        return values[-1] if values else None

    def all(self, name: str) -> list[str]:
        """Every value of a repeated field."""
        return [value for key, value in self._pairs if key == name and value]

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self._pairs)

    def whole(self, name: str, default: int, *, least: int, most: int, code: int = 20001) -> int:
        """A whole number in [least, most]."""
        text = self.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise ApiError(400, code, f"{name} must be a whole number from {least} to {most}")
        return int(text)

    def flag(self, name: str, default: bool = False) -> bool:
        """`true` or `false`, in any case."""
        text = (self.get(name) or ("true" if default else "false")).lower()
        if text not in ("true", "false"):
            raise ApiError(400, 20001, f"{name} must be true or false")
        return text == "true"

    def url(self, name: str, *, code: int = 21205) -> str | None:
        """An absolute http(s) URL."""
        text = self.get(name)
        if text is not None and not is_url(text):
            raise ApiError(400, code, f"{name} is not a valid URL: {text}")
        return text

    def method(self, name: str) -> str:
        """POST (the default) or GET."""
        method = (self.get(name) or "POST").upper()
        if method not in ("POST", "GET"):
            raise ApiError(400, 21403, f"{name} must be GET or POST")
        return method


def is_url(text: str) -> bool:
    """Whether Twilio would call it: absolute, http or https, with a host."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return usable and not any(char.isspace() for char in text)


def page(request: Request, key: str, rows: Sequence[Mapping[str, Any]]) -> Response:
    """One page of a list of the 2010 API, with the links by which `twilio` goes on."""
    query = Form.query(request)
    size = query.whole("PageSize", DEFAULT_PAGE, least=1, most=LARGEST_PAGE)
    number = query.whole("Page", 0, least=0, most=1_000_000)
    first = number * size
    shown = list(rows[first : first + size])
    more = first + size < len(rows)
    body = {
        key: shown,
        "first_page_uri": _page_uri(request, size, 0),
        "end": first + len(shown) - 1 if shown else 0,
        "previous_page_uri": _page_uri(request, size, number - 1) if number else None,
        "uri": _page_uri(request, size, number),
        "page_size": size,
        "start": first,
        "next_page_uri": _page_uri(request, size, number + 1) if more else None,
        "page": number,
    }
    return JSONResponse(body)


def _page_uri(request: Request, size: int, number: int) -> str:
    pairs = [(k, v) for k, v in parse_qsl(request.url.query) if k not in ("Page", "PageSize", "PageToken")]
    return f"{request.url.path}?{urlencode([*pairs, ('PageSize', size), ('Page', number)])}"
