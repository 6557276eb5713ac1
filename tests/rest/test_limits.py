"""A burst of one minute's requests passes; then they are spaced, and memory stays bounded."""

import pytest

from voice_engine.errors import QuotaExceeded
from voice_engine.rest import limits
from voice_engine.rest.limits import RateLimits


class _Time:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def _limits(time: _Time, per_minute: int = 6) -> RateLimits:
    return RateLimits(user_per_minute=per_minute, address_per_minute=per_minute, now=time)


def test_a_minutes_requests_may_come_at_once_and_the_next_waits() -> None:
    """With the seconds after which it will pass."""
    time = _Time()
    counter = _limits(time)
    for _ in range(6):
        counter.count_user("ada")

    with pytest.raises(QuotaExceeded) as refusal:
        counter.count_user("ada")

    assert refusal.value.details["retry_after_seconds"] == 10
    time.now_s += 10
    counter.count_user("ada")


def test_one_user_does_not_use_up_anothers() -> None:
    """Nor an address of the same name."""
    counter = _limits(_Time(), per_minute=1)

    counter.count_user("ada")
    counter.count_user("bob")
    counter.count_address("ada")


def test_idle_keys_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scan over many addresses does not fill the memory."""
    monkeypatch.setattr(limits, "SWEEP_ABOVE", 50)
    time = _Time()
    counter = _limits(time)
    for number in range(500):
        time.now_s += 11
        counter.count_address(str(number))

    assert len(counter._due_s) <= 51  # what the test is about
