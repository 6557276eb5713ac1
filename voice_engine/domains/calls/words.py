"""What the calls domain says to other processes: jobs for the worker, topics of the bus."""

from voice_engine.store.outbox import Job

DIAL = "call.dial"
LOOK_FOR = "call.look_for"
HANG_UP = "call.hang_up"
SETTLE = "call.settle"
EXPIRE = "call.expire"
MEASURE = "call.measure"
KEEP_RECORDING = "call.keep_recording"
REAP = "call.reap"

ORDERS_TOPIC = "call-orders"
"""A command row was written: every media process looks whether it is for one of its calls."""


def call_topic(call_id: str) -> str:
    """Something of this call changed: who waits for its end looks at it."""
    return f"calls.{call_id}"


def events_topic(organization_id: str) -> str:
    """The organization has new events."""
    return f"events.{organization_id}"


def next_in_queue() -> Job:
    """A line is free: dial whoever has waited longest."""
    return Job(kind=DIAL)
