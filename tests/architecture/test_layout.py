"""Rules of the house that no linter knows: sizes, docstrings, names of vendors, banned words, mirrors."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "voice_engine"
TESTS = ROOT / "tests"

MOST_LINES = 500
MOST_FUNCTION_LINES = 50
TYPICAL_LINES = 300

VENDORS = (
    "openai", "deepgram", "elevenlabs", "moonshine", "whisper-", "whisper_base", "whisper_directory",
    "whispertranscriber", "hibari", "svox", "pico_", "anthropic",
)  # fmt: skip
"""Words that only adapters, composition and the command line may know. A whisper by itself is a word of the field:
what the owner of a live call says to the engine alone."""

MAY_NAME_VENDORS = ("providers", "cli", "bootstrap", "config")

BANNED_CALLS = frozenset({"gather", "ensure_future", "wait_for", "create_task"})
"""asyncio's; a TaskGroup's own `create_task` is what they are replaced by."""

BANNED_MODULE_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "manager", "data", "info"})


def sources(*folders: Path) -> list[Path]:
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the first statement to the last, without signature and docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return 0 if not body else (node.end_lineno or 0) - body[0].lineno + 1


ALL = sources(PACKAGE, TESTS, ROOT / "scripts", ROOT / "benchmarks")
CODE = [path for path in sources(PACKAGE) if "versions" not in path.parts]
"""Without migrations: they are generated."""


def test_no_file_is_longer_than_it_may_be() -> None:
    written = [path for path in ALL if "versions" not in path.parts]  # migrations are generated
    long = {name_of(path): lines for path in written if (lines := len(path.read_text().splitlines())) > MOST_LINES}

    assert long == {}


def test_most_files_are_short() -> None:
    """A rule has exceptions; when one file in ten needs one, it has become the rule."""
    long = [name_of(path) for path in CODE if len(path.read_text().splitlines()) > TYPICAL_LINES]

    assert len(long) <= len(CODE) / 10, long


def test_no_function_is_longer_than_it_may_be() -> None:
    long = {
        f"{name_of(path)}:{node.lineno} {node.name}": body_lines(node)
        for path in CODE
        for node in functions(ast.parse(path.read_text()))
        if body_lines(node) > MOST_FUNCTION_LINES
    }

    assert long == {}


def test_every_module_says_what_it_owns() -> None:
    silent = [
        name_of(path)
        for path in sources(PACKAGE, ROOT / "scripts", ROOT / "benchmarks")
        if path.name != "__init__.py" and not ast.get_docstring(ast.parse(path.read_text()))
    ]

    assert silent == []


def test_package_files_only_re_export() -> None:
    allowed = (ast.Import, ast.ImportFrom, ast.Expr, ast.Assign, ast.AnnAssign)
    working = [
        name_of(path)
        for path in PACKAGE.rglob("__init__.py")
        for node in ast.parse(path.read_text()).body
        if not isinstance(node, allowed)
    ]

    assert working == []


def test_vendors_are_named_by_adapters_only() -> None:
    """Docstrings and comments may explain; names, strings and imports may not."""
    named = []
    for path in CODE:
        if path.relative_to(PACKAGE).parts[0] in MAY_NAME_VENDORS:
            continue
        tree = ast.parse(path.read_text())
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            words = _words(node) if id(node) not in docstrings else ""
            named += [f"{name_of(path)}:{words}" for vendor in VENDORS if vendor in words.lower()]

    assert named == []


def _words(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
            return name
        case ast.ImportFrom(module=str(module)):
            return module
        case _:
            return ""


def test_no_task_is_started_outside_a_group() -> None:
    loose = []
    for path in ALL:
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="asyncio"), attr=name)) if name in BANNED_CALLS:
                    loose.append(f"{name_of(path)}:{node.lineno} asyncio.{name}")
                case ast.ImportFrom(module="asyncio", names=names):
                    loose += [f"{name_of(path)}: {alias.name}" for alias in names if alias.name in BANNED_CALLS]
                case _:
                    pass

    assert loose == []


def test_nothing_is_mocked() -> None:
    mocking = [
        name_of(path)
        for path in ALL
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom | ast.Import)
        and "mock" in " ".join([getattr(node, "module", None) or "", *(alias.name for alias in node.names)])
    ]

    assert mocking == []


def test_the_event_loop_never_sleeps() -> None:
    """`time.sleep` stops every call of the process, and in tests it makes time real."""
    sleeping = [
        f"{name_of(path)}:{node.lineno}"
        for path in sources(PACKAGE, TESTS)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "time.sleep"
    ]

    assert sleeping == []


def test_no_module_is_a_dumping_place() -> None:
    assert [name_of(path) for path in CODE if path.stem in BANNED_MODULE_NAMES] == []


@pytest.mark.parametrize("folder", ["core", "audio"])
def test_pure_code_reads_no_time_and_rolls_no_dice(folder: str) -> None:
    """What is unseeded or reads a clock cannot be replayed."""
    impure = {
        "datetime.now", "dt.datetime.now", "datetime.datetime.now", "dt.date.today", "date.today", "time.time",
        "time.monotonic", "time.perf_counter", "random.random", "random.choice", "random.randint", "random.shuffle",
        "random.uniform", "np.random.rand", "np.random.randn", "uuid.uuid4", "os.urandom",
    }  # fmt: skip
    found = [
        f"{name_of(path)}:{node.lineno} {ast.unparse(node.func)}"
        for path in sources(PACKAGE / folder)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and (
            ast.unparse(node.func) in impure or ast.unparse(node) in {"np.random.default_rng()", "random.Random()"}
        )
    ]

    assert found == []


@pytest.mark.parametrize("package", ["audio", "core", "telephony", "telemetry", "cli", "web", "runtime", "carrier"])
def test_test_folders_mirror_the_package(package: str) -> None:
    """What tests/a/b holds is about voice_engine/a/b; suites of another order have folders of their own."""
    folders = {path.parent.relative_to(TESTS) for path in (TESTS / package).rglob("test_*.py")}

    assert [str(folder) for folder in folders if not (PACKAGE / folder).is_dir()] == []
