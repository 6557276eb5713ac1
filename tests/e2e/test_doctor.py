"""`doctor` beside a running installation, and behind a proxy's mistakes."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.serving import NUMBER, PROGRAM, SCRIPTED, Served, serving
from voice_engine.bootstrap.checks.reach import media_socket, webhook
from voice_engine.web.account import find_local_account
from voice_engine.web.settings import WebSettings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An installation without speech models."""
    with serving(tmp_path_factory.mktemp("served"), **SCRIPTED) as running:
        yield running


def settings(served: Served, **changes: Any) -> WebSettings:
    account = find_local_account(served.data_dir)
    assert account is not None
    return WebSettings(**{"public_url": served.url, "auth_token": account.auth_token, **changes})


async def test_a_running_server_answers_its_own_webhook_and_socket(served: Served) -> None:
    assert (await webhook(settings(served), "AC1")).verdict == "ok"
    assert (await media_socket(settings(served), outside=False)).verdict == "ok"


async def test_no_call_comes_of_looking(served: Served) -> None:
    token = served.add_user("grace")
    await webhook(settings(served), "AC1")

    async with served.api(token) as api:
        assert (await api.get("/v1/inbound/calls")).json()["total"] == 0


def test_the_command_finds_the_server_on_whatever_port_and_leaves_its_numbers_there(served: Served) -> None:
    done = subprocess.run(
        [*PROGRAM, "doctor", "--fix", "--json"],
        env=served.environ,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    found = {one["subject"]: one for one in json.loads(done.stdout)["findings"]}

    assert found["server"]["detail"] == f"runs, at {served.url}"
    assert found[f"number {NUMBER}"]["detail"] == f"rings here ({served.url}/v1/webhooks/twilio/voice)"
    assert {found[subject]["verdict"] for subject in ("webhook", "media socket")} == {"ok"}


async def test_another_token_or_path_is_told_apart(served: Served) -> None:
    """A wrong token is a signature's fault, a missing prefix another program's."""
    forged = await webhook(settings(served, auth_token="0" * 32), "AC1")
    elsewhere = await webhook(settings(served, public_url=f"{served.url}/prefix"), "AC1")
    socket = await media_socket(settings(served, worker="w9"), outside=False)

    assert "signature" in str(forged.fix)
    assert "another program" in str(elsewhere.fix)
    assert socket.verdict == "problem"


async def test_twilio_needs_tls(served: Served) -> None:
    assert (await media_socket(settings(served), outside=True)).verdict == "problem"
