"""Signed URLs of media."""

import datetime as dt
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.blobs.signing import MediaUrls
from voice_engine.errors import NotAllowed

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
KEYS = {"k1": b"1" * 32, "k2": b"2" * 32}


def urls(*, current: str = "k1", at: dt.datetime = NOW, keys: dict[str, bytes] | None = None) -> MediaUrls:
    return MediaUrls(KEYS if keys is None else keys, current=current, now=lambda: at)


def parts(url: str) -> dict[str, str]:
    split = urlsplit(url)
    _, _, kind, media_id = split.path.split("/")
    query = {name: values[0] for name, values in parse_qs(split.query).items()}
    return {
        "kind": unquote(kind), "media_id": unquote(media_id), "expires": query["expires"], "signature": query["sig"]
    }  # fmt: skip


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=40))
def test_what_was_signed_is_good_until_its_time(kind: str, media_id: str) -> None:
    signed = parts(urls().sign(kind, media_id, valid_for=HOUR))

    assert urls(at=NOW + HOUR - dt.timedelta(seconds=1)).verify(**signed) == NOW + HOUR


def test_a_url_expires() -> None:
    signed = parts(urls().sign("recordings", "r1", valid_for=HOUR))

    with pytest.raises(NotAllowed) as refused:
        urls(at=NOW + HOUR).verify(**signed)
    assert refused.value.code == "media_url_expired"


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "voicemails"},
        {"media_id": "r2"},
        {"expires": "99999999999"},
        {"expires": ""},
        {"signature": ""},
        {"signature": "k1."},
        {"signature": "é"},
        {"signature": "\ud800"},
    ],
)
def test_a_changed_url_is_refused(change: dict[str, str]) -> None:
    signed = parts(urls().sign("recordings", "r1", valid_for=HOUR))

    with pytest.raises(NotAllowed) as refused:
        urls().verify(**{**signed, **change})
    assert refused.value.code == "media_url_invalid"


def test_text_cannot_move_between_the_parts() -> None:
    """`a/bc` and `ab/c` are signed differently."""
    signed = parts(urls().sign("a", "bc", valid_for=HOUR))

    with pytest.raises(NotAllowed):
        urls().verify(**{**signed, "kind": "ab", "media_id": "c"})


def test_a_url_of_the_last_key_outlives_the_change_of_keys() -> None:
    signed = parts(urls(current="k1").sign("recordings", "r1", valid_for=HOUR))

    urls(current="k2").verify(**signed)


def test_a_key_that_was_taken_out_is_refused_also_when_it_is_named() -> None:
    signed = parts(urls(current="k1").sign("recordings", "r1", valid_for=HOUR))

    with pytest.raises(NotAllowed):
        urls(current="k2", keys={"k2": KEYS["k2"]}).verify(**signed)


@pytest.mark.parametrize("keys", [{}, {"k1": b"short"}, {"k.1": b"1" * 32}])
def test_keys_that_are_none_are_refused(keys: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="signing keys"):
        urls(keys=keys, current=next(iter(keys), "k1"))
