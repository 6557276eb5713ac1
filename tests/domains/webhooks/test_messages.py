"""Whatever JSON comes in, there is a message or there is none; repeats have the key of the first."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.accounts import NOW
from tests.fakes.vapi import CUSTOMER, OURS, VapiCall
from voice_engine.domains.webhooks.cleaning import DEEPEST, Unkeepable, clean
from voice_engine.domains.webhooks.messages import Message, instant, number, read_message
from voice_engine.domains.webhooks.models import KEY_LENGTH

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def read(payload: dict[str, Any]) -> Message:
    message = read_message(payload)
    assert message is not None
    return message


def test_the_facts_of_a_call_are_found_where_the_types_have_them() -> None:
    call = VapiCall(kind="outboundPhoneCall", number_id="pn_1")
    facts = read(call.report()).call

    assert (facts.id, facts.direction, facts.assistant_id) == (call.id, "outbound", "vapi_1a2b")
    assert (facts.number_id, facts.our_number, facts.other_number, facts.other_name) == (
        "pn_1",
        OURS,
        CUSTOMER,
        "Pat Doe",
    )
    assert (facts.started_at, facts.ended_at, facts.ended_reason) == (call.began, call.ended, "customer-ended-call")


def test_times_and_reason_may_stand_in_the_call_alone() -> None:
    """As in `call.ended`."""
    call = VapiCall()
    facts = read(call.over()).call

    assert (facts.started_at, facts.ended_at, facts.ended_reason) == (call.began, call.ended, "customer-ended-call")


@pytest.mark.parametrize(
    ("kind", "read_as"),
    [
        ("transcript", "transcript"),
        ('transcript[transcriptType="final"]', "transcript"),
        ("call.started", "call.started"),
    ],
)
def test_what_stands_in_brackets_is_not_part_of_a_type(kind: str, read_as: str) -> None:
    assert read(VapiCall().message(kind)).kind == read_as


def test_a_repeat_has_the_key_of_the_first() -> None:
    call = VapiCall()

    assert read(call.report()).key == read({"message": {**call.report()["message"], "timestamp": 1}}).key
    assert read(call.status("ended", 1)).key == read(call.status("ended", 2)).key
    assert read(call.said("user", "a", 1)).key == read(call.said("user", "a", 1)).key


def test_other_messages_have_other_keys() -> None:
    call, other = VapiCall(), VapiCall(id="another")
    messages = [
        call.report(),
        other.report(),
        call.over(),
        call.started(),
        call.status("ended"),
        call.status("in-progress"),
        call.said("user", "a", 1),
        call.said("user", "a", 2),
        call.said("assistant", "a", 1),
        call.said("user", "a", 1, kind="partial"),
        call.message("speech-update", 1, role="user", status="started"),
        call.message("speech-update", 1, role="user", status="stopped"),
    ]

    assert len({read(message).key for message in messages}) == len(messages)


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("2026-02-13T15:30:00Z", NOW),
        ("2026-02-13T15:30:00.000+00:00", NOW),
        ("2026-02-13T10:30:00-05:00", NOW),
        ("2026-02-13T15:30:00", NOW),
        (NOW.timestamp(), NOW),
        (NOW.timestamp() * 1000, NOW),
        (str(int(NOW.timestamp() * 1000)), NOW),
        ("yesterday", None),
        ("", None),
        (True, None),
        (None, None),
        (0, None),
        (-1, None),
        (1e300, None),
        (float("nan"), None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ({}, None),
    ],
)
def test_times_are_read_in_each_unit(value: object, at: dt.datetime | None) -> None:
    assert instant(value) == at


@pytest.mark.parametrize(
    ("value", "read_as"),
    [(1, 1.0), (1.5, 1.5), ("2.5", 2.5), ("x", None), (True, None), (None, None), (1e20, None)],
)
def test_numbers_are_read(value: object, read_as: float | None) -> None:
    assert number(value) == read_as


@given(JSON)
def test_whatever_is_read_there_is_a_message_or_none(value: Any) -> None:
    read_message(value)
    read_message({"message": value})
    message = read_message({"message": {"type": "hang", "call": {"id": "c1", "type": value}, "timestamp": value}})

    assert message is None or len(message.key) <= KEY_LENGTH


@given(JSON)
def test_what_is_cleaned_can_be_kept(value: Any) -> None:
    def check(kept: Any) -> None:
        match kept:
            case str():
                kept.encode()
                assert "\0" not in kept
            case float():
                assert abs(kept) < float("inf")
            case dict():
                for key, item in kept.items():
                    check(key)
                    check(item)
            case list():
                for item in kept:
                    check(item)

    try:
        check(clean(value))
    except Unkeepable:
        return


def test_what_nests_too_deep_is_refused() -> None:
    value: Any = 1
    for _ in range(DEEPEST + 1):
        value = [value]

    with pytest.raises(Unkeepable):
        clean(value)
