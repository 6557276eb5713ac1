"""The form that every bus can carry."""

import pytest

from voice_engine.ports.bus import MAX_PAYLOAD_BYTES, MAX_TOPIC_LENGTH, check_message, check_pattern


@pytest.mark.parametrize("topic", ["", "a b", "a*", "a\n", "é", "a" * (MAX_TOPIC_LENGTH + 1)])
def test_a_topic_is_a_short_plain_word(topic: str) -> None:
    with pytest.raises(ValueError, match="not a topic"):
        check_message(topic, b"")


@pytest.mark.parametrize("payload", [b"x" * (MAX_PAYLOAD_BYTES + 1), b"a\0b", b"\xff"])
def test_a_payload_is_short_text(payload: bytes) -> None:
    with pytest.raises(ValueError):  # three reasons, each of them a ValueError
        check_message("a", payload)


def test_the_longest_message_passes() -> None:
    check_message("a" * MAX_TOPIC_LENGTH, b"x" * MAX_PAYLOAD_BYTES)


@pytest.mark.parametrize("pattern", ["a", "a.*", "*"])
def test_a_star_ends_a_pattern(pattern: str) -> None:
    check_pattern(pattern)


@pytest.mark.parametrize("pattern", ["", "*a", "a**"])
def test_a_star_stands_nowhere_else(pattern: str) -> None:
    with pytest.raises(ValueError, match="not a topic"):
        check_pattern(pattern)
