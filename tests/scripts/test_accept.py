"""The acceptance runner: verdicts, time-outs, resuming."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "accept.py"


@pytest.fixture
def accept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, its files under a temporary folder."""
    spec = importlib.util.spec_from_file_location("accept_under_test", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    for name, value in {
        "STATE": tmp_path / "state",
        "REPORT": tmp_path / "REPORT.md",
        "ROOT": tmp_path,
        "LIST": tmp_path / "list.toml",
        "tree_state": lambda: "tree1",
    }.items():
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(module.load_checks, "__defaults__", (tmp_path / "list.toml",))
    return module


def write_list(tmp_path: Path, **commands: str) -> None:
    entries = [
        f"[[check]]\nname = {name!r}\nclaim = 'c'\ntimeout_s = 5\ncommand = {json.dumps(command)}\n"
        for name, command in commands.items()
    ]
    (tmp_path / "list.toml").write_text("\n".join(entries))


@pytest.mark.parametrize(
    ("output", "verdict"),
    [
        ("", {}),
        ("5 passed\n", {}),
        ('noise\n{"passed": false, "figures": {"p50": 3}}\n\n', {"passed": False, "figures": {"p50": 3}}),
        ('{"passed": true}\nlast words', {}),
        ("{broken", {}),
    ],
)
def test_the_last_line_is_the_verdict_if_it_is_an_object(
    accept: ModuleType, output: str, verdict: dict[str, object]
) -> None:
    assert accept.parse_verdict(output) == verdict


@pytest.mark.slow
def test_a_failing_command_fails_whatever_it_prints(accept: ModuleType, tmp_path: Path) -> None:
    write_list(tmp_path, lies="sh -c 'echo {\\\"passed\\\": true}; exit 3'")

    assert accept.main([]) == 1

    assert "**no**" in (tmp_path / "REPORT.md").read_text()
    assert "exit status 3" in (tmp_path / "REPORT.md").read_text()


@pytest.mark.slow
def test_a_second_run_repeats_only_what_does_not_hold(accept: ModuleType, tmp_path: Path) -> None:
    counting = "sh -c 'echo x >> {0}.ran; test -e {0}.ok'"
    write_list(tmp_path, good=counting.format("good"), bad=counting.format("bad"))
    (tmp_path / "good.ok").touch()

    statuses = [accept.main([])]
    (tmp_path / "bad.ok").touch()
    statuses.append(accept.main([]))

    assert statuses == [1, 0]
    assert (tmp_path / "good.ran").read_text() == "x\n"
    assert (tmp_path / "bad.ran").read_text() == "x\nx\n"


@pytest.mark.slow
def test_a_changed_tree_runs_a_passed_check_again(
    accept: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_list(tmp_path, good="sh -c 'echo x >> ran'")

    accept.main([])
    monkeypatch.setattr(accept, "tree_state", lambda: "tree2")
    accept.main([])

    assert (tmp_path / "ran").read_text() == "x\nx\n"


@pytest.mark.slow
def test_a_check_that_hangs_is_cut_off_and_named(accept: ModuleType) -> None:
    result = accept.run_check(
        accept.Check(name="hangs", claim="c", command="sleep 30", timeout_s=0.05), tree="tree1"
    )

    assert (result.passed, result.notes) == (False, ["timed out"])


@pytest.mark.slow
def test_a_check_that_hangs_takes_its_children_along(accept: ModuleType, tmp_path: Path) -> None:
    """`make` and test runners start processes of their own, which would go on and disturb the next check."""
    command = f"sh -c 'sleep 30 & echo $! > {tmp_path}/child; wait'"

    accept.run_check(accept.Check(name="hangs", claim="c", command=command, timeout_s=0.5), tree="tree1")

    child = Path("/proc") / (tmp_path / "child").read_text().strip()
    assert not child.exists() or "Z" in (child / "stat").read_text().split()[2]


@pytest.mark.slow
def test_figures_reach_the_report(accept: ModuleType, tmp_path: Path) -> None:
    verdict = json.dumps({"figures": {"p50 ms": 12.3456}, "notes": ["two cores"]})
    (tmp_path / "verdict").write_text(verdict)
    write_list(tmp_path, bench="cat verdict")

    assert accept.main([]) == 0

    report = (tmp_path / "REPORT.md").read_text()
    assert "| p50 ms | 12.35 |" in report
    assert "- two cores" in report


def test_repeated_names_are_refused(accept: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "list.toml").write_text("[[check]]\nname='a'\nclaim='c'\ncommand='true'\n" * 2)

    with pytest.raises(SystemExit, match="repeated"):
        accept.load_checks()


def test_the_shipped_list_is_readable(accept: ModuleType) -> None:
    checks = accept.load_checks(SCRIPT.with_name("acceptance.toml"))

    assert "make-test" in {check.name for check in checks}
