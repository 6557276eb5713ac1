"""Batches of messages on the wire between processes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.bus.frames import MOST_BATCH_BYTES, Arrival, Batch, Sequence, decode, encode, pack
from voice_engine.errors import ProtocolError
from voice_engine.ports.bus import MAX_PAYLOAD_BYTES, MAX_TOPIC_LENGTH, Message

topics = st.from_regex(r"[A-Za-z0-9_.:/-]{1,40}", fullmatch=True)
payloads = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60).map(str.encode)
messages = st.builds(Message, topic=topics, payload=payloads)


@given(st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True), st.integers(0, 2**40), st.lists(messages, max_size=6))
def test_a_batch_comes_back_as_it_went(sender: str, number: int, sent: list[Message]) -> None:
    batch = Batch(sender=sender, number=number, messages=tuple(sent))

    assert decode(encode(batch)) == batch


@given(st.binary(max_size=80))
def test_the_parser_raises_nothing_but_protocol_errors(noise: bytes) -> None:
    try:
        decode(noise)
    except ProtocolError as error:
        assert error.code == "bus_frame_malformed"


@pytest.mark.parametrize("frame", [b"", b"s 1", b"s x\n", b"s 1\na 5\n1234", b"s 1\na -1\n", b"s 1\nt t 1\nx"])
def test_a_malformed_frame_is_refused(frame: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(frame)


@given(st.lists(st.integers(0, MAX_PAYLOAD_BYTES), max_size=12))
def test_packing_keeps_every_message_in_order_within_the_limit(sizes: list[int]) -> None:
    sent = [Message(topic="t" * MAX_TOPIC_LENGTH, payload=b"x" * size) for size in sizes]

    packed = list(pack(sent))

    assert [message for batch in packed for message in batch] == sent
    for held in packed:
        assert len(encode(Batch(sender="s" * 20, number=2**40, messages=held))) <= MOST_BATCH_BYTES


def batch(sender: str, number: int) -> Batch:
    return Batch(sender=sender, number=number, messages=())


def test_a_gap_and_a_repetition_are_found_per_sender() -> None:
    sequence = Sequence()
    arrived = [("a", 7), ("b", 1), ("a", 8), ("a", 10), ("a", 10), ("a", 9)]

    found = [sequence.arrival(batch(sender, number)) for sender, number in arrived]

    assert found == [
        Arrival.NEXT, Arrival.NEXT, Arrival.NEXT, Arrival.AFTER_GAP, Arrival.AGAIN, Arrival.AGAIN,
    ]  # fmt: skip


def test_the_longest_silent_sender_is_forgotten() -> None:
    """The memory does not grow with every process that ever was."""
    sequence = Sequence(most_senders=2)
    for sender, number in [("a", 1), ("b", 1), ("a", 2), ("c", 1)]:
        sequence.arrival(batch(sender, number))

    assert sequence.arrival(batch("a", 9)) is Arrival.AFTER_GAP
    assert sequence.arrival(batch("b", 9)) is Arrival.NEXT
