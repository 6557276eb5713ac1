"""Signed, expiring URLs of recordings and voicemails: `/media/{kind}/{id}?expires=…&sig=…`.

Who holds the URL may read that one thing until it expires. The signature names its key, so that keys can be changed
while older URLs live out their time.
"""

import base64
import datetime as dt
import hashlib
import hmac
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode

from voice_engine.errors import NotAllowed

PATH = "/media"
KEY_BYTES = 32
"""As long as the hash (RFC 2104, section 3)."""


class MediaUrls:
    """Signs and verifies. `keys` by id, letters and digits, each at least `KEY_BYTES`; `current` signs."""

    def __init__(self, keys: Mapping[str, bytes], *, current: str, now: Callable[[], dt.datetime]) -> None:
        if current not in keys or any(not name.isalnum() or len(key) < KEY_BYTES for name, key in keys.items()):
            raise ValueError(f"signing keys have plain names and {KEY_BYTES} bytes or more, and one is current")
        self._keys = dict(keys)
        self._current = current
        self._now = now

    def sign(self, kind: str, media_id: str, *, valid_for: dt.timedelta) -> str:
        """Path and query under which the thing can be read until then (to the second)."""
        expires = int((self._now() + valid_for).timestamp())
        query = {"expires": expires, "sig": self._signature(self._current, kind, media_id, str(expires))}
        return f"{PATH}/{quote(kind, safe='')}/{quote(media_id, safe='')}?{urlencode(query)}"

    def verify(self, kind: str, media_id: str, *, expires: str, signature: str) -> dt.datetime:
        """When this URL ends, if it is one of ours and still good; takes the same time for every wrong signature.

        Raises:
            NotAllowed: `media_url_invalid` (not ours, or changed), `media_url_expired`.
        """
        key_id = signature.partition(".")[0]
        known = key_id in self._keys
        right = self._signature(key_id if known else self._current, kind, media_id, expires)
        if not hmac.compare_digest(right.encode(), signature.encode("utf-8", "surrogatepass")) or not known:
            raise NotAllowed("media_url_invalid", "this link was changed or is not ours; ask for a new one")
        ends = dt.datetime.fromtimestamp(int(expires), dt.UTC)
        if self._now() >= ends:
            raise NotAllowed("media_url_expired", "this link has expired; ask for a new one")
        return ends

    def _signature(self, key_id: str, kind: str, media_id: str, expires: str) -> str:
        # Lengths first: no two different triples have the same text.
        signed = "\n".join(f"{len(part)} {part}" for part in (kind, media_id, expires))
        digest = hmac.digest(self._keys[key_id], signed.encode("utf-8", "surrogatepass"), hashlib.sha256)
        return f"{key_id}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
