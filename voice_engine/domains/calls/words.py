"""What the calls domain says to other processes: jobs for the worker, topics of the bus."""

from voice_engine.store.outbox import Job

DIAL = "call.dial"
LOOK_FOR = "call.look_for"
HANG_UP = "call.hang_up"
SETTLE = "call.settle"
EXPIRE = "call.expire"
MEASURE = "call.measure"
KEEP_RECORDING = "call.keep_recording"
SWEEP_RECORDINGS = "call.sweep_recordings"
REAP = "call.reap"
INDEX = "call.index"

KEEP_RECORDING_KEY = "recording:"
"""The key of a call's first job that keeps its recording begins so, and ends with the call's id."""

ORDERS_TOPIC = "call-orders"
"""A command row was written: every media process looks whether it is for one of its calls."""


def call_topic(call_id: str) -> str:
    """Something of this call changed: who waits for its end looks at it."""
    return f"calls.{call_id}"


def events_topic(organization_id: str) -> str:
    """The organization has new events."""
    return f"events.{organization_id}"


WATCHED_TOPIC = "calls-watched"
"""Somebody looks at a live call (its id is the payload): whoever holds it tells passing things for a while."""

WATCHED_S = 15.0
"""How long that holds; who goes on looking says so again before."""


UNANNOUNCED = "false"
"""An order's `announce`: whoever picks up at a transfer's target gets the call without being asked."""


def passing_topic(call_id: str) -> str:
    """What a live call's followers see and nobody keeps: words as they are recognized, speech as it begins."""
    return f"passing.{call_id}"


def keep_recording(call_id: str, file: str, *, again: int | None = None) -> Job:
    """The job that keeps a call's recording: once, or once more by each number of `again`."""
    key = f"{KEEP_RECORDING_KEY}{call_id}" + ("" if again is None else f":{again}")
    return Job(kind=KEEP_RECORDING, payload={"call_id": call_id, "file": file}, key=key)


def next_in_queue() -> Job:
    """A line is free: dial whoever has waited longest."""
    return Job(kind=DIAL)
