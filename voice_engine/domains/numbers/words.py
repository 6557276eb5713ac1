"""What the numbers domain says to the worker."""

import datetime as dt

from voice_engine.store.outbox import Job

SETTLE = "number.settle_purchase"
RELEASE = "number.release"


def settle_key(purchase_id: str) -> str:
    """The name of the job that looks after a purchase."""
    return f"settle-purchase:{purchase_id}"


def settle(purchase_id: str, organization_id: str, *, due_at: dt.datetime) -> Job:
    """Find out what a purchase came to that nobody finished."""
    payload = {"purchase_id": purchase_id, "organization_id": organization_id}
    return Job(kind=SETTLE, payload=payload, key=settle_key(purchase_id), due_at=due_at)


def release(provider_sid: str) -> Job:
    """Give a number back to the carrier."""
    return Job(kind=RELEASE, payload={"provider_sid": provider_sid}, key=f"release-number:{provider_sid}")
