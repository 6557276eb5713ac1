"""The app's scripts, styles and pictures: read once, compressed once, addressed by what is in them.

All files hang under one version, a hash over all of them, so that modules import each other by relative paths and a
browser may keep each for ever.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

PREFIX = "/app/static"
KEEP = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
WORTH_COMPRESSING = frozenset(TYPES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file. `compressed` None: it is compressed by its own format."""

    content: bytes
    compressed: bytes | None
    media_type: str


class Assets:
    """Every file below `static/`."""

    def __init__(self) -> None:
        self._assets = dict(_read_all(files(__package__) / "static", ""))
        digest = hashlib.sha256()
        for name in sorted(self._assets):
            digest.update(name.encode())
            digest.update(self._assets[name].content)
        self.version = digest.hexdigest()[:12]

    @property
    def names(self) -> list[str]:
        """Every file's path below `static/`."""
        return sorted(self._assets)

    def url(self, name: str) -> str:
        """A file's address. A file that is not there is a bug of a template: KeyError."""
        if name not in self._assets:
            raise KeyError(f"there is no static file {name}")
        return f"{PREFIX}/{self.version}/{name}"

    def packed(self, name: str) -> bytes:
        """What travels to a browser that takes gzip."""
        asset = self._assets[name]
        return asset.compressed or asset.content

    async def serve(self, request: Request) -> Response:
        """The route: any version's address gives the current file, an old page's included."""
        asset = self._assets.get(request.path_params["name"])
        if asset is None:
            return PlainTextResponse("there is no such file", status_code=404)
        headers = dict(KEEP) if request.path_params["version"] == self.version else {"Cache-Control": "no-cache"}
        headers["Vary"] = "Accept-Encoding"
        content = asset.content
        if asset.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            content, headers["Content-Encoding"] = asset.compressed, "gzip"
        return Response(content, media_type=asset.media_type, headers=headers)


def _read_all(directory: Traversable, prefix: str) -> Mapping[str, Asset]:
    found: dict[str, Asset] = {}
    for entry in directory.iterdir():
        if entry.is_dir():
            found.update(_read_all(entry, f"{prefix}{entry.name}/"))
        elif "." in entry.name:
            found[f"{prefix}{entry.name}"] = _read(entry)
    return found


def _read(file: Traversable) -> Asset:
    content, suffix = file.read_bytes(), f".{file.name.rpartition('.')[2]}"
    media_type = TYPES.get(suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    packed = gzip.compress(content, 9, mtime=0) if suffix in WORTH_COMPRESSING else None
    return Asset(content=content, compressed=packed, media_type=media_type)
