"""Where the server of an installation listens, for the other commands of it."""

import asyncio
import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from voice_engine.cli.app import run
from voice_engine.cli.commands import doctor
from voice_engine.cli.serving.address import FILE, Address, announced, find_address
from voice_engine.cli.serving.place import reached_url
from voice_engine.config import load_settings
from voice_engine.web.account import local_account

HERE = Address(host="127.0.0.1", port=9000)
KILLED = """
import os, pathlib, sys
from voice_engine.cli.serving.address import Address, announced
with announced(pathlib.Path(sys.argv[1]), Address(host="127.0.0.1", port=9000)):
    os._exit(1)
"""


def test_the_address_is_known_while_the_server_runs(tmp_path: Path) -> None:
    with announced(tmp_path, HERE):
        during = find_address(tmp_path)

    assert (during, find_address(tmp_path)) == (HERE, None)
    assert not (tmp_path / FILE).exists()


def test_what_a_killed_server_left_is_ignored(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False, timeout=60)

    assert (tmp_path / FILE).exists()
    assert find_address(tmp_path) is None


def test_the_next_server_takes_the_place_of_a_killed_one(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"host": "127.0.0.1", "port": 12345, "media_port": 12346}')

    with announced(tmp_path, HERE):
        assert find_address(tmp_path) == HERE


def test_of_two_servers_in_one_folder_the_first_one_holds(tmp_path: Path) -> None:
    with announced(tmp_path, HERE):
        with announced(tmp_path, Address(host="127.0.0.1", port=9001)):
            during = find_address(tmp_path)
        after = find_address(tmp_path)

    assert (during, after) == (HERE, HERE)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"host": "h", "port": 1, "more": 2}'])
def test_a_file_that_says_nothing_is_no_address(tmp_path: Path, text: str) -> None:
    with announced(tmp_path, HERE):
        (tmp_path / FILE).write_text(text)
        assert find_address(tmp_path) is None


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:9000"),
        ("0.0.0.0", "http://127.0.0.1:9000"),
        ("::", "http://[::1]:9000"),
        ("192.0.2.7", "http://192.0.2.7:9000"),
    ],
)
def test_links_and_webhooks_of_other_commands_lead_there(tmp_path: Path, host: str, url: str) -> None:
    settings = load_settings({"VOICE_ENGINE_DATA_DIR": str(tmp_path)})
    with announced(tmp_path, Address(host=host, port=9000)):
        during = reached_url(settings)

    assert (during, reached_url(settings)) == (url, "http://127.0.0.1:8000")


def looked(data_dir: Path, *, fix: bool = False, **environ: str) -> dict[str, tuple[str, str, str]]:
    """What doctor says of the service: verdict, detail and fix by subject."""
    settings = load_settings(
        {"VOICE_ENGINE_DATA_DIR": str(data_dir), **{f"VOICE_ENGINE_{key}": value for key, value in environ.items()}}
    )
    found = asyncio.run(doctor.service(settings, find_address(data_dir), quick=False, fix=fix))
    return {one.subject: (one.verdict, one.detail, one.fix or "") for one in found}


def test_doctor_looks_where_the_server_listens(tmp_path: Path) -> None:
    local_account(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with announced(tmp_path, Address(host="127.0.0.1", port=port)):
        found = looked(tmp_path, CARRIER__PORT=str(port))

    assert f"http://127.0.0.1:{port}" in found["webhook"][1]


def test_doctor_does_not_lead_numbers_to_a_guess(tmp_path: Path) -> None:
    """Nobody runs here: the default port may be another program's."""
    local_account(tmp_path)

    verdict, detail, mend = looked(tmp_path, fix=True)["fix"]

    assert (verdict, "nothing is changed" in detail, "voice-engine serve" in mend) == ("warning", True, True)


def test_a_region_without_an_edge_is_a_finding_among_others(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9"
    found = looked(
        tmp_path,
        PUBLIC_URL=nowhere,
        TWILIO__API_BASE_URL=nowhere,
        TWILIO__ACCOUNT_SID="AC" + "1" * 32,
        TWILIO__AUTH_TOKEN="x",
        TWILIO__REGION="jp1",
    )

    verdict, detail, mend = found["carrier account"]
    assert (verdict, "jp1" in detail) == ("problem", True)
    assert "us1, ie1, au1" in mend
    assert {"database", "webhook"} <= set(found)


def test_doctor_says_which_server_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICE_ENGINE_DATA_DIR", str(tmp_path))
    with announced(tmp_path, HERE):
        run(["doctor", "--quick", "--json"])

    findings = {one["subject"]: one["detail"] for one in json.loads(capsys.readouterr().out)["findings"]}
    assert findings["server"] == "runs, at http://127.0.0.1:9000"
