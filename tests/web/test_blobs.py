"""`GET /media/{kind}/{id}`: signed, whole or by range."""

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response

from tests.web.asgi import Answer, request
from voice_engine.blobs.directory import DirectoryBlobs
from voice_engine.blobs.signing import MediaUrls
from voice_engine.errors import NotFound, VoiceEngineError
from voice_engine.ports.blobs import BlobInfo
from voice_engine.web.blobs import MediaFiles, MediaItem

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
DIGITS = "0123456789"


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> dt.datetime:
        return self.now


class Site:
    """The endpoint over a directory with one recording, `r1`; `r2` is known but its file is gone."""

    def __init__(self, blobs: DirectoryBlobs) -> None:
        self.blobs = blobs
        self.clock = Clock()
        self.urls = MediaUrls({"k1": b"1" * 32}, current="k1", now=self.clock)
        files = MediaFiles(self.blobs, self.urls, resolve=self._resolve, render=self._render, now=self.clock)
        self.app = Starlette(routes=[files.route()])

    async def _resolve(self, kind: str, media_id: str) -> MediaItem | None:
        if kind != "recordings" or media_id not in {"r1", "r2"}:
            return None
        return MediaItem(key=f"o1/{media_id}", content_type="audio/wav", filename="call.wav")

    def _render(self, error: VoiceEngineError) -> Response:
        return JSONResponse({"code": error.code}, status_code=404 if isinstance(error, NotFound) else 403)

    def url(self, media_id: str = "r1") -> str:
        return self.urls.sign("recordings", media_id, valid_for=dt.timedelta(minutes=5))

    async def get(self, url: str | None = None, method: str = "GET", **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await request(self.app, method, url or self.url(), headers=named)


@pytest.fixture
async def site(tmp_path: Path) -> Site:
    site = Site(DirectoryBlobs(tmp_path))

    async def digits() -> AsyncIterator[bytes]:
        yield DIGITS.encode()

    await site.blobs.put("o1/r1", digits())
    return site


async def test_the_whole_is_served_and_may_not_run(site: Site) -> None:
    answer = await site.get()

    assert (answer.status, answer.body) == (200, DIGITS)
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["content-length"] == "10"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "private, max-age=300"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_a_range_is_served_with_its_place(site: Site) -> None:
    answer = await site.get(range="bytes=2-4")

    assert (answer.status, answer.body) == (206, "234")
    assert answer.headers["content-range"] == "bytes 2-4/10"
    assert answer.headers["content-length"] == "3"


async def test_a_range_beyond_the_end_is_416_with_the_size(site: Site) -> None:
    answer = await site.get(range="bytes=10-")

    assert (answer.status, answer.body) == (416, "")
    assert answer.headers["content-range"] == "bytes */10"


async def test_a_player_that_resumes_gets_the_rest_of_its_own_version_only(site: Site) -> None:
    etag = (await site.get()).headers["etag"]

    same = await site.get(range="bytes=5-", if_range=etag)
    other = await site.get(range="bytes=5-", if_range='"older"')

    assert (same.status, same.body) == (206, "56789")
    assert (other.status, other.body) == (200, DIGITS)


async def test_head_has_the_length_and_no_body(site: Site) -> None:
    answer = await site.get(method="HEAD", range="bytes=0-1")

    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, "", "10")


async def test_what_the_client_has_is_not_sent_again(site: Site) -> None:
    etag = (await site.get()).headers["etag"]

    answer = await site.get(if_none_match=etag)

    assert (answer.status, answer.body) == (304, "")


async def test_an_old_url_is_refused(site: Site) -> None:
    url = site.url()
    site.clock.now += dt.timedelta(minutes=5)

    answer = await site.get(url)

    assert (answer.status, answer.body) == (403, '{"code":"media_url_expired"}')


@pytest.mark.parametrize("change", [("r1", "r2"), ("recordings", "voicemails"), ("expires=1", "expires=9")])
async def test_a_changed_url_is_refused_before_anything_is_looked_up(site: Site, change: tuple[str, str]) -> None:
    answer = await site.get(site.url().replace(*change))

    assert (answer.status, answer.body) == (403, '{"code":"media_url_invalid"}')


@pytest.mark.parametrize("media_id", ["r2", "never-was"])
async def test_what_is_gone_is_404(site: Site, media_id: str) -> None:
    answer = await site.get(site.url(media_id))

    assert (answer.status, answer.body) == (404, '{"code":"media_not_found"}')


async def test_no_other_method_is_served(site: Site) -> None:
    assert (await site.get(method="DELETE")).status == 405


class Vanishing(DirectoryBlobs):
    """Deletes what was just looked at, as an erasure may."""

    async def find(self, key: str) -> BlobInfo | None:
        found = await super().find(key)
        await self.delete(key)
        return found


@pytest.mark.usefixtures("site")  # which wrote the file
async def test_a_file_that_goes_between_look_and_read_is_404(tmp_path: Path) -> None:
    answer = await Site(Vanishing(tmp_path)).get()

    assert (answer.status, answer.body) == (404, '{"code":"media_not_found"}')
