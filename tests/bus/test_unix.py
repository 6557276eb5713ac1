"""The bus over Unix datagrams: two buses in one loop are two processes, as far as the sockets know."""

import asyncio
import socket
import stat
from pathlib import Path

import pytest

from voice_engine.bus.unix import BACKLOG, MOST_PATH_BYTES, UnixBus, open_unix_bus, socket_directory
from voice_engine.errors import InvalidInput
from voice_engine.ports.bus import MAX_PAYLOAD_BYTES, Message, Missed


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path


def dead_socket(directory: Path, name: str) -> Path:
    """What a killed process leaves behind."""
    path = directory / name
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as left:
        left.bind(str(path))
    return path


async def test_a_message_reaches_the_other_process_and_this_one(data_dir: Path) -> None:
    with (
        open_unix_bus(data_dir) as here,
        open_unix_bus(data_dir) as there,
        here.subscribe("jobs") as mine,
        there.subscribe("jobs") as theirs,
    ):
        here.publish("jobs", b"{}")

        async with asyncio.timeout(2):
            assert await mine.get() == Message(topic="jobs", payload=b"{}")
            assert await theirs.get() == Message(topic="jobs", payload=b"{}")


async def test_the_largest_messages_pass_in_order(data_dir: Path) -> None:
    sent = [str(index).encode().ljust(MAX_PAYLOAD_BYTES, b".") for index in range(BACKLOG // 2)]
    with open_unix_bus(data_dir) as here, open_unix_bus(data_dir) as there, there.subscribe("*") as theirs:
        for payload in sent:
            here.publish("big", payload)

        async with asyncio.timeout(2):
            heard = [await theirs.get() for _ in sent]

    assert heard == [Message(topic="big", payload=payload) for payload in sent]


async def test_a_process_that_came_later_is_found(data_dir: Path) -> None:
    with open_unix_bus(data_dir) as here:
        here.publish("jobs")
        await asyncio.sleep(0)
        with open_unix_bus(data_dir) as there, there.subscribe("jobs") as theirs:
            here.publish("jobs", b"2")

            async with asyncio.timeout(2):
                assert await theirs.get() == Message(topic="jobs", payload=b"2")


async def test_the_socket_of_a_killed_process_is_removed_by_who_comes(data_dir: Path) -> None:
    left = dead_socket(socket_directory(data_dir), "1-dead.sock")

    with open_unix_bus(data_dir):
        assert not left.exists()


async def test_the_socket_of_a_killed_process_is_removed_by_who_sends(data_dir: Path) -> None:
    with open_unix_bus(data_dir) as here, open_unix_bus(data_dir) as there, there.subscribe("a") as theirs:
        left = dead_socket(socket_directory(data_dir), "1-dead.sock")
        here.publish("a")

        async with asyncio.timeout(2):
            await theirs.get()
        assert not left.exists()


async def test_a_receiver_that_does_not_read_costs_its_own_messages_only(data_dir: Path) -> None:
    """The sender neither waits nor fails; the reader learns that it missed something."""
    with open_unix_bus(data_dir) as here, open_unix_bus(data_dir) as slow:
        loop = asyncio.get_running_loop()
        descriptor = slow._socket.fileno()
        with slow.subscribe("level", capacity=4 * BACKLOG) as heard:
            here.publish("level", b"first")
            async with asyncio.timeout(2):
                assert await heard.get() == Message(topic="level", payload=b"first")
            loop.remove_reader(descriptor)
            for index in range(3 * BACKLOG):
                here.publish("level", f"{index}".encode())
                await asyncio.sleep(0)
            loop.add_reader(descriptor, slow.receive)
            async with asyncio.timeout(2):
                events = [await heard.get()]
                while events[-1] != Message(topic="level", payload=f"{3 * BACKLOG - 1}".encode()):
                    events.append(await heard.get())

    assert Missed() in events
    assert len(events) < 3 * BACKLOG


async def test_noise_on_the_socket_is_ignored(data_dir: Path) -> None:
    with open_unix_bus(data_dir) as here, open_unix_bus(data_dir) as there, there.subscribe("a") as theirs:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stranger:
            stranger.sendto(b"\xff\xff", str(there._path))
        here.publish("a", b"1")

        async with asyncio.timeout(2):
            assert await theirs.get() == Message(topic="a", payload=b"1")


async def test_nothing_is_left_when_the_bus_is_left(data_dir: Path) -> None:
    with open_unix_bus(data_dir) as bus:
        bus.publish("jobs")  # still waits to be sent when the socket is closed
        directory = bus._directory

    await asyncio.sleep(0)
    assert list(directory.iterdir()) == []
    assert isinstance(bus, UnixBus)


def test_the_directory_is_ours_alone(data_dir: Path) -> None:
    directory = socket_directory(data_dir)

    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_a_long_data_directory_gets_its_sockets_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket's path has room for about a hundred bytes."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    deep, other = tmp_path / ("d" * 120), tmp_path / ("e" * 120)

    directory = socket_directory(deep)

    assert directory.parent == tmp_path
    assert len("/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T/") + len(directory.name) + 23 < MOST_PATH_BYTES
    assert directory == socket_directory(deep)
    assert directory != socket_directory(other)


def test_a_directory_that_others_may_write_is_refused(data_dir: Path) -> None:
    (data_dir / "bus").mkdir()
    (data_dir / "bus").chmod(0o777)

    with pytest.raises(InvalidInput) as refused:
        socket_directory(data_dir)

    assert refused.value.code == "bus_directory_unsafe"
