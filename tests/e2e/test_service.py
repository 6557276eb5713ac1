"""The whole installation as a stranger starts it: one command, an empty folder, no account anywhere."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.e2e.business import ADMIN_KEY, open_office
from tests.e2e.serving import PROGRAM, SCRIPTED, Served, serving, until
from tests.e2e.test_outbound_call import submission
from tests.fakes.database import PostgresTemplates
from voice_engine.web.server import GRACEFUL_SHUTDOWN_S

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

ROOT = Path(__file__).parents[2]
TAGS = ("Authentication", "Calls", "Inbound", "Phone Numbers", "Credits", "User")
BUSINESS_TAGS = (
    "Authentication",
    "Session (NextAuth)",
    "Assistants",
    "Voice & Prompt",
    "Knowledge Base",
    "Calls",
    "Phone Numbers",
    "Business Settings",
    "Admin",
)
BUSINESS_OPERATIONS = (
    "getUsage",
    "getBillingHistory",
    "setOverage",
    "listCalls",
    "getCallRecording",
    "getVoicePreview",
    "health",
    "vapiWebhook",
    "twilioVoiceWebhook",
    "twilioCallStatusWebhook",
)
LINES = "lines:\n  '+14155550111': {answer: busy}\n"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.acceptance)])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An installation without speech models, on either database."""
    directory = tmp_path_factory.mktemp("served")
    database: dict[str, Any] = {}
    if request.param == "postgresql":
        (server := directory / "postgresql").mkdir()
        templates = PostgresTemplates(server)
        request.addfinalizer(templates.close)
        database = {"VOICE_ENGINE_DATABASE_URL": templates.empty_url()}
    (directory / "data" / "carrier").mkdir(parents=True, mode=0o700)
    (directory / "data" / "carrier" / "lines.yaml").write_text(LINES)
    with serving(directory, **SCRIPTED, **database, VOICE_ENGINE_ADMIN_API_KEY=ADMIN_KEY) as running:
        running.add_user("ada")
        yield running


def test_every_operation_of_the_contract_is_there(served: Served) -> None:
    """Anonymous, with a token, and for ids that nobody owns."""
    command = [sys.executable, "scripts/conformance.py", "--url", served.url, "--bearer", served.tokens["ada"]]
    command += ["--contract", "voice_engine/rest/contract/kallyai.openapi.yaml", "--operation", "listStripePlans"]
    for tag in TAGS:
        command += ["--tag", tag]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stdout


def test_every_operation_of_the_business_contract_is_there(served: Served) -> None:
    """Anonymous, with a cookie, and for ids that nobody owns."""
    office = open_office(served, "Bright Smile Dental", plan="ENTERPRISE")
    command = [sys.executable, "scripts/conformance.py", "--url", served.url, "--cookie", office.cookie]
    command += ["--contract", "voice_engine/rest/contract/epoch.openapi.yaml"]
    for tag in BUSINESS_TAGS:
        command += ["--tag", tag]
    for operation in BUSINESS_OPERATIONS:
        command += ["--operation", operation]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stdout


async def test_a_busy_line_is_told_by_the_carrier_and_free(served: Served) -> None:
    """Request, job, dial, callback and answer cross four processes."""
    async with served.api(served.tokens["ada"]) as api:
        answered = await api.post("/v1/calls", json=submission("+14155550111"), headers={"Prefer": "wait=30"})

    call = answered.json()
    assert (answered.status_code, call["status"], call["credits_used"]) == (201, "busy", 0)


def test_the_installation_says_that_it_is_well(served: Served) -> None:
    """Health, figures, keys, and the description of what is served."""
    for path in ("/healthz", "/readyz", "/metrics", "/.well-known/jwks.json", "/openapi.yaml"):
        assert httpx2.get(f"{served.url}{path}").status_code == 200, path


async def test_a_correlation_id_is_found_in_the_log(served: Served) -> None:
    """Whoever reports a refusal can be helped."""
    refused = httpx2.get(f"{served.url}/v1/calls")

    async def written() -> Any:
        """The line is written once the answer is out."""
        wanted = refused.headers["x-correlation-id"]
        return next((line for line in served.logged() if line.get("request_id") == wanted), None)

    line = await until(written, seconds=10)
    assert (line["event"], line["status"]) == ("request.completed", 401)


def _runs(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_sigterm_ends_every_process(tmp_path: Path) -> None:
    """Exit 0, the children gone with it; who follows events is told to come again, and does not hold it up."""
    with serving(tmp_path, **SCRIPTED) as running:
        children = [line["pid"] for line in running.logged() if line["event"] == "child.started"]
        token = running.add_user("ada")
        async with running.api(token) as api:
            following = api.stream("GET", "/v1/inbound/events", headers={"Accept": "text/event-stream"})
            async with following as stream:
                running.process.send_signal(signal.SIGTERM)
                async with asyncio.timeout(GRACEFUL_SHUTDOWN_S - 1):
                    rest = [line async for line in stream.aiter_lines()]

        assert running.process.wait(30) == 0
    assert not [line for line in rest if line.startswith("event:")]

    assert len(children) == 2
    assert not [pid for pid in children if _runs(pid)]


def test_the_call_command_tells_how_it_went(served: Served) -> None:
    """From a terminal, as one of its accounts; a busy line is exit 1, an emergency number exit 2."""
    command = [*PROGRAM, "call", "--url", served.url, "--user", "ada@example.com", "--urgent"]
    command += ["--task", "Ask for the opening hours"]

    busy = subprocess.run(
        [*command, "+14155550111"], env=served.environ, capture_output=True, text=True, timeout=60, check=False
    )
    refused = subprocess.run(
        [*command, "911"], env=served.environ, capture_output=True, text=True, timeout=60, check=False
    )

    assert (busy.returncode, refused.returncode) == (1, 2)
    assert "the line was busy" in busy.stdout
    assert "emergency" in refused.stderr
