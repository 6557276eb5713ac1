"""Which bus an installation gets."""

from pathlib import Path

import pytest

from voice_engine.bus.opening import open_bus
from voice_engine.bus.unix import UnixBus
from voice_engine.errors import Conflict


async def test_sqlite_means_sockets_in_the_data_directory(tmp_path: Path) -> None:
    async with open_bus(f"sqlite:///{tmp_path}/x.db", tmp_path) as bus:
        assert isinstance(bus, UnixBus)
        assert len(list((tmp_path / "bus").iterdir())) == 1


async def test_an_error_inside_comes_out_as_itself(tmp_path: Path) -> None:
    """Also where the bus has tasks of its own; nothing listens on this port, which is no error of the body."""
    with pytest.raises(Conflict):
        async with open_bus("postgresql://nobody@127.0.0.1:1/none", tmp_path):
            raise Conflict("busy", "it is busy")
