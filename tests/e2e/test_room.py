"""A server that is full, or that stops, rings nobody whom it could not talk to."""

import signal
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.e2e.serving import PAUSE, SCRIPTED, free_port, serving, until
from tests.e2e.test_outbound_call import submission

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]

TALKER = "+14155550113"
LATER_S = 4.0
"""Longer than a worker needs to dial what it may."""


async def test_whoever_waits_is_rung_once_there_is_a_place_and_not_while_the_server_stops(tmp_path: Path) -> None:
    """One place, two calls: the second is dialled by the server that comes after."""
    port = free_port()
    environ = {**SCRIPTED, "VOICE_ENGINE_MEDIA__MAX_CALLS": "1"}
    with serving(tmp_path, port=port, **environ) as served:
        token = served.add_user("ada")
        async with served.api(token) as api:
            live, waiting = await _ask(api), await _ask(api)
            await until(lambda: _talks(api, live), seconds=60)
            PAUSE.wait(LATER_S)
            full = await _status(api, waiting)
            served.process.send_signal(signal.SIGTERM)
            await until(lambda: _drains(api))
            await api.post(f"/v1/calls/{live}/stop")
        assert served.process.wait(30) == 0
        ended = [line["event"] for line in served.logged()]
    with serving(tmp_path, port=port, **environ) as again:
        async with again.api(token) as api:
            await until(lambda: _talks(api, waiting), seconds=60)
            calls = [(await api.get(f"/v1/calls/{call_id}")).json() for call_id in (live, waiting)]
            await api.post(f"/v1/calls/{waiting}/stop")  # else the server drains for as long as it lasts

    assert full == "queued"
    assert [call["metadata"]["attempt"] for call in calls] == [1, 1]
    assert "call.refused" not in ended
    assert "call.turned_away" not in ended


async def _ask(api: httpx2.AsyncClient) -> str:
    answer = await api.post("/v1/calls", json=submission(TALKER), headers={"Prefer": "respond-async"})
    return str(answer.json()["call_id"])


async def _status(api: httpx2.AsyncClient, call_id: str) -> Any:
    return (await api.get(f"/v1/calls/{call_id}")).json()["status"]


async def _talks(api: httpx2.AsyncClient, call_id: str) -> bool:
    return (await api.get(f"/v1/calls/{call_id}/transcript")).status_code == 200


async def _drains(api: httpx2.AsyncClient) -> bool:
    return (await api.get("/readyz")).status_code == 503
