"""`voice-engine numbers`: lists that every call is held against."""

import json
from pathlib import Path

import pytest

from voice_engine.bootstrap.service import extra_pairs
from voice_engine.cli.app import run
from voice_engine.cli.installation import at_installation
from voice_engine.config import load_settings
from voice_engine.domains.safety import service as safety
from voice_engine.domains.safety.numbers import Reach
from voice_engine.errors import InvalidInput, NotAllowed

NUMBER, OTHER = "+14155551234", "+14155551235"


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VOICE_ENGINE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def refusal(number: str = NUMBER) -> str | None:
    """Why a paying American account may not call the number."""

    async def work(here: object) -> str | None:
        async with here.store.system("tests") as unit:  # type: ignore[attr-defined]  # an Installation
            try:
                await safety.gate(unit, number, Reach(own_region="US", trial=False))
            except NotAllowed as error:
                return error.code
        return None

    return at_installation(work)


@pytest.mark.parametrize(
    ("deed", "undo", "code"),
    [("block", "unblock", "blocked_number"), ("suppress", "allow", "suppression_violation")],
)
def test_a_number_is_refused_until_it_is_taken_off_the_list(deed: str, undo: str, code: str) -> None:
    assert run(["numbers", deed, NUMBER]) == 0
    refused = refusal()
    assert run(["numbers", undo, NUMBER]) == 0

    assert (refused, refusal()) == (code, None)


def test_a_list_is_read_from_a_file(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As people write numbers; what is there already is no fault."""
    (data_dir / "list.txt").write_text(f"# asked by mail\n+1 (415) 555-1234\n\n{OTHER}  # twice\n{OTHER}\n")
    run(["numbers", "suppress", NUMBER])
    capsys.readouterr()

    run(["numbers", "suppress", "--file", str(data_dir / "list.txt"), "--json"])

    assert json.loads(capsys.readouterr().out) == {"numbers": 2, "changed": 1}
    assert refusal(OTHER) == "suppression_violation"


def test_a_line_that_is_no_number_refuses_the_whole_list(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data_dir / "list.txt").write_text(f"{NUMBER}\n415-555-1234\n")

    status = run(["numbers", "block", "--file", str(data_dir / "list.txt")])

    assert (status, "line 2" in capsys.readouterr().err) == (2, True)
    assert refusal() is None


@pytest.mark.parametrize("arguments", [[], ["--file", "nowhere.txt"], ["not a number"]])
def test_without_numbers_nothing_is_done(arguments: list[str]) -> None:
    assert run(["numbers", "block", *arguments]) == 2


def test_extra_pairs_are_a_setting() -> None:
    """From one region to another, several joined by commas."""
    assert extra_pairs(load_settings({})) == frozenset()
    pairs = load_settings({"VOICE_ENGINE_CALLS__EXTRA_PAIRS": "ES-US,US-MX"})
    assert extra_pairs(pairs) == {("ES", "US"), ("US", "MX")}
    with pytest.raises(InvalidInput):
        load_settings({"VOICE_ENGINE_CALLS__EXTRA_PAIRS": "Spain"})
