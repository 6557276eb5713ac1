"""How ringing ends."""

import pytest

from voice_engine.carrier.record import RING_TIMEOUT_MS, Answer, ring_outcome
from voice_engine.ports.telephony import DialStatus


@pytest.mark.parametrize(
    ("answer", "timeout_ms", "status", "after_ms"),
    [
        (Answer(after_ms=1200), 30_000, DialStatus.ANSWERED, 1200),
        (Answer(after_ms=30_000), 30_000, DialStatus.NO_ANSWER, 30_000),
        (Answer(how="no_answer", after_ms=5), 20_000, DialStatus.NO_ANSWER, 20_000),
        (Answer(how="busy", after_ms=300), 20_000, DialStatus.BUSY, 300),
        (Answer(how="failed"), 20_000, DialStatus.FAILED, 0),
    ],
)
def test_ringing_ends_as_the_number_reacts(
    answer: Answer, timeout_ms: int, status: DialStatus, after_ms: int
) -> None:
    assert ring_outcome(answer, timeout_ms) == (status, after_ms)


def test_twilio_s_default_is_a_minute() -> None:
    assert ring_outcome(Answer(how="no_answer")) == (DialStatus.NO_ANSWER, RING_TIMEOUT_MS)
    assert RING_TIMEOUT_MS == 60_000
