"""When a message that was not taken is sent again, and when an endpoint has failed for too long."""

import datetime as dt

from voice_engine.ports.jobs import RetryPolicy

SCHEDULE = RetryPolicy(attempts=14, first_s=5.0, factor=4.0, longest_s=12 * 3600.0, jitter=0.2)
"""5 s, 20 s, 80 s, 5 min, 21 min, 85 min, 5.7 h, then every 12 h: three days in all, a fifth of each pause left to
chance, so that what waited for one receiver does not come back at once."""

GIVE_UP_AFTER = dt.timedelta(days=2, hours=12)
"""The shortest that the schedule can take: an endpoint that has taken nothing since is switched off with the first
message that it loses."""


def next_try(tries: int, *, now: dt.datetime, chance: float) -> dt.datetime | None:
    """When to try again after so many tries; None: never. `chance` is a random number in 0..1."""
    pause_s = SCHEDULE.pause_s(tries, chance)
    return None if pause_s is None else now + dt.timedelta(seconds=pause_s)


def is_dead(failing_since: dt.datetime | None, *, now: dt.datetime) -> bool:
    """Whether an endpoint that loses a message now is to be switched off."""
    return failing_since is not None and now - failing_since >= GIVE_UP_AFTER
