"""Where a browser may be sent: the command line's own listener, a client's registered address, our own pages.

Addresses are judged by their parts, never by how they begin.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote_from_bytes, urlsplit

from voice_engine.errors import InvalidInput

MOST_CHARACTERS = 2_000
"""Longer addresses are refused: browsers and proxies cut them."""

_LOOPBACK_AUTHORITY = re.compile(r"(?:localhost|127\.0\.0\.1):([0-9]{1,5})")
_PRINTABLE = re.compile(r"[!-\[\]-~]+")
"""Visible ASCII without the backslash, which browsers read as a slash."""

_OWN_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")


def check_cli_redirect(uri: str) -> str:
    """The address, when it is one that only a program on the user's machine can listen on.

    http, host exactly `localhost` or `127.0.0.1`, an explicit port, no user part, no fragment; any path and query.

    Raises:
        InvalidInput: `invalid_redirect_uri`.
    """
    fault = InvalidInput(
        "invalid_redirect_uri", "redirect_uri must be http://localhost:PORT or http://127.0.0.1:PORT, with any path"
    )
    if len(uri) > MOST_CHARACTERS or not _PRINTABLE.fullmatch(uri) or "#" in uri:
        raise fault
    scheme, mark, rest = uri.partition("://")
    if scheme != "http" or not mark:
        raise fault
    authority = re.split("[/?]", rest, maxsplit=1)[0]
    match = _LOOPBACK_AUTHORITY.fullmatch(authority)
    if match is None or not 1 <= int(match[1]) <= 65_535:
        raise fault
    return uri


def check_registration(uri: str) -> str:
    """A client's redirect URI as its registration gives it.

    https, http on loopback, or a private-use scheme of a native app, which has a dot in it (RFC 8252, 7.1); no
    fragment and no user part.

    Raises:
        InvalidInput: `client_redirect_uri_invalid`.
    """
    fault = InvalidInput(
        "client_redirect_uri_invalid",
        "a client's redirect URI must be https, http on localhost, or an app's own scheme with a dot in it",
    )
    if len(uri) > MOST_CHARACTERS or not _PRINTABLE.fullmatch(uri) or "#" in uri:
        raise fault
    try:
        parts = urlsplit(uri)
        host = parts.hostname
    except ValueError as error:
        raise fault from error
    if "@" in parts.netloc:
        raise fault
    if (parts.scheme == "https" and host) or (parts.scheme == "http" and host in {"localhost", "127.0.0.1", "::1"}):
        return uri
    if "." in parts.scheme:
        return uri
    raise fault


def own_page(target: str) -> str | None:
    """`target` when it is a path and query of ours, else None.

    `//host`, `/\\host` and anything with a scheme are somebody else's.
    """
    if len(target) > 4 * MOST_CHARACTERS or not _OWN_PATH.fullmatch(target) or "#" in target:
        return None
    return target


def with_parameters(uri: str, parameters: Iterable[tuple[str, str | bytes | None]]) -> str:
    """`uri` with parameters added to its query, percent-encoded; None ones are left out."""
    pairs = [
        f"{name}={quote_from_bytes(value if isinstance(value, bytes) else value.encode(), safe='')}"
        for name, value in parameters
        if value is not None
    ]
    if not pairs:
        return uri
    joint = "" if uri.endswith(("?", "&")) else "&" if "?" in uri else "?"
    return f"{uri}{joint}{'&'.join(pairs)}"
