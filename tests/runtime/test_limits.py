"""Limits are told once, hold does not count as conversation, and patience ends."""

from voice_engine.ports.call import CallLimits
from voice_engine.runtime.limits import GRACE_MS, LimitWatch

LIMITS = CallLimits(conversation_seconds=60, hold_seconds=120, max_turns=3, max_seconds=300)


def test_conversation_limit_is_told_once() -> None:
    watch = LimitWatch(LIMITS)

    assert watch.pulse(59_000, on_hold=False, human_turns=0) is None
    assert watch.pulse(60_000, on_hold=False, human_turns=0) == "conversation"
    assert watch.pulse(61_000, on_hold=False, human_turns=0) is None


def test_hold_is_not_conversation() -> None:
    watch = LimitWatch(LIMITS)
    watch.pulse(30_000, on_hold=False, human_turns=0)
    watch.pulse(110_000, on_hold=True, human_turns=0)

    assert watch.pulse(139_000, on_hold=False, human_turns=0) is None
    assert watch.pulse(140_000, on_hold=False, human_turns=0) == "conversation"


def test_humans_among_themselves_are_bound_by_the_total_alone() -> None:
    """Their time is no conversation of the engine's; the call's own length still counts."""
    watch = LimitWatch(LIMITS)
    watch.pulse(59_000, on_hold=False, human_turns=0)

    assert watch.pulse(299_000, on_hold=True, human_turns=0, bridged=True) is None
    assert watch.pulse(300_000, on_hold=True, human_turns=0, bridged=True) == "total"
    assert watch.pulse(301_000, on_hold=True, human_turns=0, bridged=True) is None
    assert watch.exhausted(300_001 + GRACE_MS)


def test_a_limit_that_was_just_told_does_not_cut_off_a_human() -> None:
    """The engine was about to say goodbye when somebody took the call over."""
    watch = LimitWatch(LIMITS)
    watch.pulse(60_000, on_hold=False, human_turns=0)

    watch.pulse(61_000, on_hold=True, human_turns=0, bridged=True)

    assert not watch.exhausted(61_000 + GRACE_MS)


def test_hold_has_its_own_limit() -> None:
    watch = LimitWatch(LIMITS)

    assert watch.pulse(120_000, on_hold=True, human_turns=0) == "hold"


def test_turns_and_total() -> None:
    assert LimitWatch(LIMITS).pulse(1_000, on_hold=False, human_turns=3) == "turns"
    assert LimitWatch(LIMITS, started_ms=299_000).pulse(300_000, on_hold=False, human_turns=0) == "total"


def test_patience_after_a_limit_ends() -> None:
    watch = LimitWatch(LIMITS)
    watch.pulse(60_000, on_hold=False, human_turns=0)

    assert not watch.exhausted(60_000 + GRACE_MS)
    assert watch.exhausted(60_001 + GRACE_MS)
