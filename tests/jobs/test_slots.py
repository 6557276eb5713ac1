"""The names of this machine's workers."""

from pathlib import Path

import pytest

from voice_engine.errors import Conflict, QuotaExceeded
from voice_engine.jobs import slots
from voice_engine.jobs.slots import executor_name


def test_two_workers_have_two_names_and_a_new_one_the_freed(tmp_path: Path) -> None:
    with executor_name(tmp_path) as first:
        with executor_name(tmp_path) as second:
            pass
        with executor_name(tmp_path) as third:
            assert first != second == third


def test_a_name_of_ones_own_is_held_alone(tmp_path: Path) -> None:
    with executor_name(tmp_path, name="dialler") as name:
        assert name == "dialler"
        with pytest.raises(Conflict) as refused, executor_name(tmp_path, name="dialler"):
            pass
    assert refused.value.code == "worker_name_taken"


def test_there_is_an_end_to_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "MOST_SLOTS", 1)
    with executor_name(tmp_path), pytest.raises(QuotaExceeded), executor_name(tmp_path):
        pass
