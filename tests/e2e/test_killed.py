"""kill -9 in the middle of a call: nothing stays held, nothing rings on, nothing is dialled twice.

The carrier is a process that nobody kills, so that its record of the leg is a witness.
"""

import asyncio
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.e2e.serving import NUMBER, PAUSE, PROGRAM, SCRIPTED, Served, free_port, serving, until
from tests.e2e.test_outbound_call import submission
from voice_engine.web.account import CarrierAccount, find_local_account

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]

TALKER, BUSY = "+14155550113", "+14155550111"
LINES = f"lines:\n  '{BUSY}': {{answer: busy}}\n"
RECOVERED_S = 120.0
"""A process is given up after 30 s unseen, and the reaper comes every 15 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """The built-in carrier as a process of its own."""

    url: str
    account: CarrierAccount

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx2.AsyncClient]:
        """A client of its REST API."""
        auth = (self.account.account_sid, self.account.auth_token)
        async with httpx2.AsyncClient(base_url=self.url, auth=auth, timeout=30.0) as client:
            yield client

    async def legs_to(self, number: str) -> list[dict[str, Any]]:
        """Every call that was placed to this number, as the carrier has it."""
        async with self.client() as client:
            path = f"/2010-04-01/Accounts/{self.account.account_sid}/Calls.json"
            answer = await client.get(path, params={"To": number})
        return list(answer.json()["calls"])


@contextmanager
def carrying(directory: Path) -> Iterator[Carrier]:
    """A carrier while the context is open."""
    (directory / "carrier").mkdir(parents=True, mode=0o700)
    (directory / "carrier" / "lines.yaml").write_text(LINES)
    port, log = free_port(), directory / "carrier.log"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VOICE_ENGINE_")}
    environ = {
        **kept,
        **SCRIPTED,
        "VOICE_ENGINE_DATA_DIR": str(directory),
        "VOICE_ENGINE_CARRIER__PORT": str(port),
    }
    with log.open("wb") as file:
        process = subprocess.Popen([*PROGRAM, "carrier", "--json"], env=environ, stderr=file)
    try:
        url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 60
        while "carrier.started" not in log.read_text():
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            PAUSE.wait(0.1)
        account = find_local_account(directory)
        assert account is not None
        yield Carrier(url=url, account=account)
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def installed(directory: Path, carrier: Carrier, port: int) -> Iterator[Served]:
    """The service on this carrier; opened again in the same folder, the same installation."""
    with serving(
        directory,
        port=port,
        events=("serve.started", "worker.started"),
        **SCRIPTED,
        VOICE_ENGINE_TWILIO__ACCOUNT_SID=carrier.account.account_sid,
        VOICE_ENGINE_TWILIO__AUTH_TOKEN=carrier.account.auth_token,
        VOICE_ENGINE_TWILIO__API_BASE_URL=carrier.url,
        VOICE_ENGINE_CALLS__CALLER_ID=NUMBER,
        VOICE_ENGINE_CALLS__LINES="1",
    ) as served:
        yield served


async def test_a_killed_server_leaves_neither_a_hold_nor_a_leg(tmp_path: Path) -> None:
    """After the restart: one end of the call that was live, one dial of the call that waited."""
    port = free_port()
    with carrying(tmp_path / "network") as carrier:
        with installed(tmp_path, carrier, port) as served:
            token = served.add_user("ada")
            before, live, waiting = await _one_live_one_waiting(served, token)
            served.process.send_signal(signal.SIGKILL)
            served.process.wait(10)
        assert _held(served) == 2, "both were held for when it died"
        with installed(tmp_path, carrier, port) as served:
            await _check_what_is_left(served, token, carrier, before=before, live=live, waiting=waiting)


async def test_a_killed_worker_ends_no_call_and_repeats_none(tmp_path: Path) -> None:
    """The live call goes on to its end; the one that waited is dialled once by the next worker."""
    with carrying(tmp_path / "network") as carrier, installed(tmp_path, carrier, free_port()) as served:
        token = served.add_user("ada")
        before, live, waiting = await _one_live_one_waiting(served, token)
        os.kill(_worker_of(served), signal.SIGKILL)
        call = await _check_what_is_left(served, token, carrier, before=before, live=live, waiting=waiting)

    assert call["duration_seconds"] > 0


async def _one_live_one_waiting(served: Served, token: str) -> tuple[float, str, str]:
    """The credits there were, a call in which somebody speaks, and one that waits for its line."""
    async with served.api(token) as api:
        before = (await api.get("/v1/credits/balance")).json()["credits_remaining"]
        headers = {"Prefer": "respond-async"}
        live = (await api.post("/v1/calls", json=submission(TALKER), headers=headers)).json()["call_id"]

        async def talking() -> bool:
            return (await api.get(f"/v1/calls/{live}/transcript")).status_code == 200

        await until(talking, seconds=60)
        waiting = (await api.post("/v1/calls", json=submission(BUSY), headers=headers)).json()
        assert waiting["status"] == "queued"
    return float(before), str(live), str(waiting["call_id"])


async def _check_what_is_left(
    served: Served, token: str, carrier: Carrier, *, before: float, live: str, waiting: str
) -> dict[str, Any]:
    """One end, one leg, one line in the ledger each; the live call as it stands then."""
    async with served.api(token) as api:

        async def ended() -> Any:
            found = [(await api.get(f"/v1/calls/{call_id}")).json() for call_id in (live, waiting)]
            return found if not {call["status"] for call in found} & {"queued", "in_progress"} else None

        calls = await until(ended, seconds=RECOVERED_S, every_s=1.0)
        history = (await api.get("/v1/credits/history")).json()["entries"]
        after = (await api.get("/v1/credits/balance")).json()["credits_remaining"]
        await asyncio.sleep(5.0)  # an end never changes
        again = [(await api.get(f"/v1/calls/{call_id}")).json() for call_id in (live, waiting)]
    legs = {number: await carrier.legs_to(number) for number in (TALKER, BUSY)}
    charged = sum(entry["credits"] for entry in history if entry["resource_id"] == live)

    assert again == calls
    assert [leg["status"] for leg in legs[TALKER]] == ["completed"]
    assert [leg["status"] for leg in legs[BUSY]] == ["busy"]
    assert (calls[1]["status"], calls[1]["metadata"]["attempt"], calls[1]["credits_used"]) == ("busy", 1, 0)
    assert charged == pytest.approx(calls[0]["credits_used"])
    assert after == pytest.approx(before - charged)
    assert _held(served) == 0
    return dict(calls[0])


def _held(served: Served) -> int:
    """Holds that are open, as the database has them."""
    with sqlite3.connect(next(served.data_dir.glob("*.db"))) as database:
        (count,) = database.execute("SELECT count(*) FROM reservations WHERE state = 'HELD'").fetchone()
    return int(count)


def _worker_of(served: Served) -> int:
    """The process id of the worker that `serve` started."""
    children = [line["pid"] for line in served.logged() if line["event"] == "child.started"]
    return int(next(pid for pid in children if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes()))
