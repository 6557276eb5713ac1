"""Rules that hold for every test: nothing leaks, nothing reaches out, time is virtual, speech is skipped aloud."""

import asyncio
import asyncio.runners
import ipaddress
import logging
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator
from importlib.util import find_spec
from typing import Any

import pytest
import structlog

from tests.fakes.database import Templates, fresh_store, open_templates
from voice_engine.clock import run_virtual
from voice_engine.store.engine import Store

SPEECH_MODULES = ("moonshine_voice", "hibari", "ctranslate2", "onnxruntime", "tokenizers")
LOCAL_NAMES = frozenset({"localhost", "localhost.localdomain", "", None})


class NetworkRefused(RuntimeError):
    """A test tried to reach something that is not this machine."""


def _is_local(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False


def _refuse_network(event: str, args: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo" and not _is_local(args[0]):
        raise NetworkRefused(f"tests may not look up {args[0]!r}")
    if event in {"socket.connect", "socket.sendto"}:
        address = args[1]
        if isinstance(address, tuple) and not _is_local(address[0]):
            raise NetworkRefused(f"tests may not reach {address!r}")


sys.addaudithook(_refuse_network)


_leaked_tasks: list[str] = []
_cancel_all_tasks: Callable[[asyncio.AbstractEventLoop], None] = asyncio.runners._cancel_all_tasks  # type: ignore[attr-defined]  # private, see below


def _note_and_cancel(loop: asyncio.AbstractEventLoop) -> None:
    _leaked_tasks.extend(repr(task) for task in asyncio.all_tasks(loop))
    _cancel_all_tasks(loop)


# `asyncio.Runner.close` silently cancels whatever still runs; that is the only moment at which both our
# `run_virtual` and pytest-asyncio can be asked what a test left behind.
asyncio.runners._cancel_all_tasks = _note_and_cancel  # type: ignore[attr-defined]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Fail a test that leaves a task or a thread."""
    before: set[int] = item.stash.get(_THREADS, set())
    yield
    tasks, _leaked_tasks[:] = list(_leaked_tasks), []
    assert not tasks, f"tasks left running: {tasks}"
    left = [thread for thread in threading.enumerate() if thread.ident not in before]
    for thread in left:
        thread.join(timeout=2.0)
    alive = [thread.name for thread in left if thread.is_alive() and not _belongs_to_runner(thread)]
    assert not alive, f"threads left running: {alive}"


def _belongs_to_runner(thread: threading.Thread) -> bool:
    return thread.name.startswith(("execnet", "pytest_timeout", "Dummy-"))


_THREADS = pytest.StashKey[set[int]]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Remember the threads of before the test's fixtures; skip speech tests where the models are absent."""
    missing = [name for name in SPEECH_MODULES if find_spec(name) is None]
    if missing and item.get_closest_marker("speech"):
        pytest.skip(f"the `speech` extra is not installed (missing: {', '.join(missing)}); run `make setup`")
    item.stash[_THREADS] = {thread.ident for thread in threading.enumerate() if thread.ident is not None}
    yield


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Undo what a command under test did to logging: its streams are closed when the test is over."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def virtual() -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Run a coroutine to its end in virtual time: `virtual(main())`."""
    return run_virtual


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--database postgresql` runs every test that has a store on PostgreSQL, which the tests start themselves."""
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses a database, so that `-m store` finds it for the other database."""
    for item in items:
        if "database_server" in getattr(item, "fixturenames", ()):
            item.add_marker("store")


@pytest.fixture(scope="session")
def database_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Templates]:
    """One server or template file for each test process."""
    opened = open_templates(request.config.getoption("--database"), tmp_path_factory.mktemp("database"))
    yield opened
    opened.close()


@pytest.fixture
def templates(database_server: Templates) -> Iterator[Templates]:
    """Where a test's databases come from; they go with the test."""
    yield database_server
    database_server.drop_all()


@pytest.fixture
async def store(templates: Templates) -> AsyncIterator[Store]:
    """An empty database with all tables."""
    opened = fresh_store(templates)
    yield opened
    await opened.aclose()
