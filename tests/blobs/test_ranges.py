"""Which bytes a request wants."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.blobs.ranges import ByteRange, Selection, http_date, matches, select
from voice_engine.ports.blobs import BlobInfo

MODIFIED = dt.datetime(2026, 11, 22, 12, 0, 0, 400_000, tzinfo=dt.UTC)
INFO = BlobInfo(size_bytes=1000, etag="v1", modified_at=MODIFIED)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-499", ByteRange(0, 500)),
        ("bytes=500-", ByteRange(500, 1000)),
        ("bytes=-100", ByteRange(900, 1000)),
        ("bytes=-5000", ByteRange(0, 1000)),
        ("bytes=999-5000", ByteRange(999, 1000)),
        ("Bytes= 0-0 ", ByteRange(0, 1)),
        ("bytes=1000-", Selection.UNSATISFIABLE),
        ("bytes=-0", Selection.UNSATISFIABLE),
        (None, Selection.WHOLE),
        ("bytes=-", Selection.WHOLE),
        ("bytes=5-4", Selection.WHOLE),
        ("bytes=0-1,5-6", Selection.WHOLE),
        ("lines=0-5", Selection.WHOLE),
        ("bytes=0-" + "9" * 40, Selection.WHOLE),
    ],
)
def test_a_range_is_read_as_the_rfc_says(header: str | None, expected: object) -> None:
    assert select(INFO, header) == expected


@given(st.text(max_size=30), st.text(max_size=30), st.integers(0, 5))
def test_any_header_gives_bytes_that_exist(header: str, validator: str, size: int) -> None:
    info = BlobInfo(size_bytes=size, etag="v1", modified_at=MODIFIED)

    chosen = select(info, f"bytes={header}", validator)

    assert isinstance(chosen, Selection) or 0 <= chosen.start < chosen.end <= size


@pytest.mark.parametrize(
    ("validator", "applies"),
    [
        ('"v1"', True),
        ('"v0"', False),
        ('W/"v1"', False),
        ("Sun, 22 Nov 2026 12:00:00 GMT", True),
        ("Sun, 22 Nov 2026 11:59:59 GMT", False),
        ("yesterday", False),
    ],
)
def test_a_range_of_another_version_gives_the_whole(validator: str, applies: bool) -> None:
    chosen = select(INFO, "bytes=0-1", validator)

    assert chosen == (ByteRange(0, 2) if applies else Selection.WHOLE)


@pytest.mark.parametrize(
    ("tags", "known"), [(None, False), ('"v1"', True), ('"v0", W/"v1"', True), ("*", True), ('"v0"', False)]
)
def test_a_client_may_have_it_already(tags: str | None, known: bool) -> None:
    assert matches(INFO, tags) is known


def test_a_date_is_in_greenwich() -> None:
    berlin = MODIFIED.astimezone(dt.timezone(dt.timedelta(hours=1)))

    assert http_date(berlin) == "Sun, 22 Nov 2026 12:00:00 GMT"
