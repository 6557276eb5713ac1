"""The keys of blobs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.ports.blobs import check_key


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../a", "a/../b", "a//b", "a/", ".hidden", "a b", "a\\b", "a\0", "é", "a" * 513]
)
def test_a_key_that_could_lead_elsewhere_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="not a blob key"):
        check_key(key)


@pytest.mark.parametrize("key", ["a", "recordings/0b-1/2026.wav", "x_y/Z-9"])
def test_a_plain_key_passes(key: str) -> None:
    assert check_key(key) == key


@given(st.text(max_size=40))
def test_no_accepted_key_has_a_dot_segment(key: str) -> None:
    try:
        accepted = check_key(key)
    except ValueError:
        return
    assert not {"", ".", ".."} & set(accepted.split("/"))
