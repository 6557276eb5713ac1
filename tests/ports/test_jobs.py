"""Retry policies, calendar entries and the book of jobs."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.errors import Conflict, NotFound, QuotaExceeded, UpstreamFailed
from voice_engine.ports.jobs import (
    Attempt,
    CronEntry,
    JobAbandoned,
    JobKind,
    JobQueue,
    RetryPolicy,
    StepFailed,
    is_final,
    job_book,
)


class Nothing:
    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        del payload, attempt


def test_pauses_grow_to_the_longest() -> None:
    policy = RetryPolicy(attempts=5, first_s=2, factor=3, longest_s=20, jitter=0)

    assert [policy.pause_s(failed, 0.5) for failed in range(1, 6)] == [2, 6, 18, 20, None]


@given(st.integers(1, 9), st.floats(0, 1))
def test_jitter_only_shortens_a_pause(failed: int, chance: float) -> None:
    jittered = RetryPolicy(attempts=10, jitter=0.3).pause_s(failed, chance)
    full = RetryPolicy(attempts=10, jitter=0).pause_s(failed, chance)

    assert jittered is not None
    assert full is not None
    assert 0.7 * full <= jittered <= full


@pytest.mark.parametrize("wrong", [{"attempts": 0}, {"first_s": -1.0}, {"factor": 0.5}, {"jitter": 1.5}])
def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="retry policy"):
        RetryPolicy(**wrong)


@given(
    st.integers(1, 86_400),
    st.integers(0, 86_399),
    st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2030, 1, 1), timezones=st.just(dt.UTC)),
)
def test_a_slot_is_the_latest_of_its_grid(every_s: int, offset_s: int, now: dt.datetime) -> None:
    entry = CronEntry(name="n", kind="k", every_s=every_s, offset_s=offset_s % every_s)

    slot = entry.slot(now)

    assert slot <= now < slot + dt.timedelta(seconds=every_s)
    assert (int(slot.timestamp()) - entry.offset_s) % every_s == 0


def test_two_slots_have_two_keys() -> None:
    entry = CronEntry(name="retention", kind="k", every_s=3600)
    at = dt.datetime(2026, 11, 22, 4, 30, tzinfo=dt.UTC)

    assert entry.key(entry.slot(at)) == "cron:retention:2026-11-22T04:00:00+00:00"
    assert entry.key(entry.slot(at)) != entry.key(entry.slot(at + dt.timedelta(hours=1)))


def test_a_book_has_the_default_queue() -> None:
    book = job_book([JobKind(name="a", handler=Nothing())])

    assert book.queues["default"] == JobQueue()


@pytest.mark.parametrize(
    ("kinds", "crons", "complaint"),
    [
        ([JobKind(name="a", handler=Nothing()), JobKind(name="a", handler=Nothing())], [], "twice"),
        ([JobKind(name="a", handler=Nothing(), queue="lost")], [], "unknown queue"),
        ([], [CronEntry(name="c", kind="lost", every_s=60)], "unknown kind"),
    ],
)
def test_a_book_that_does_not_add_up_is_refused(
    kinds: list[JobKind], crons: list[CronEntry], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        job_book(kinds, crons=crons)


def test_a_queue_that_lets_nothing_through_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing through"):
        JobQueue(name="q", rate=0)


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (JobAbandoned("gone", "it is gone"), True),
        (NotFound("call_not_found", "there is no such call"), True),
        (Conflict("call_not_active", "it is over"), True),
        (UpstreamFailed("carrier_down", "try later", provider="carrier", retryable=True), False),
        (UpstreamFailed("number_refused", "it is blocked", provider="carrier", retryable=False), True),
        (QuotaExceeded("busy", "all lines are in use"), False),
        (StepFailed("step_failed", "KeyError"), False),
        (RuntimeError("a bug"), False),
        (TimeoutError(), False),
    ],
)
def test_only_what_may_pass_is_tried_again(error: Exception, final: bool) -> None:
    assert is_final(error) is final
