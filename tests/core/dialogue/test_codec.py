"""State to JSON and back."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.core.dialogue.codec import decode, encode
from voice_engine.core.dialogue.commands import When
from voice_engine.core.dialogue.state import Asked, Phase
from voice_engine.errors import InvalidInput
from voice_engine.ports.call import Evidence

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.dates()
    | st.times()
    | st.datetimes(timezones=st.just(dt.UTC))
    | st.sampled_from([*Phase, *Asked])
    | st.builds(When, date=st.none() | st.dates(), time=st.none() | st.times())
    | st.builds(Evidence, turn=st.integers(), start_ms=st.integers(), end_ms=st.integers())
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(values)
def test_whatever_the_state_may_hold_comes_back_equal(value: Any) -> None:
    assert decode(json.loads(json.dumps(encode(value)))) == value


def test_a_type_that_the_state_may_not_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="Decimal"):
        encode(Decimal(1))


@pytest.mark.parametrize(
    "broken",
    [
        {"$": "Surprise", "value": {}},
        {"$": "date", "value": "soon"},
        {"$": "Evidence", "value": {"turn": 1}},
        {"$": "Phase", "value": "nowhere"},
        {"no": "tag"},
    ],
)
def test_an_unreadable_snapshot_says_so(broken: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        decode(broken)

    assert caught.value.code == "snapshot_unreadable"
