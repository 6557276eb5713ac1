"""A process is named so that its worker can be told from its name, and it from the process before it."""

import pytest

from voice_engine.web.owners import name_of, worker_of


@pytest.mark.parametrize("worker", ["w1", "eu-west-3"])
def test_a_worker_is_found_by_the_name_of_its_process(worker: str) -> None:
    first, second = name_of(worker), name_of(worker)

    assert first != second
    assert worker_of(first) == worker_of(second) == worker


def test_a_name_without_a_word_is_the_workers() -> None:
    assert worker_of("w1") == "w1"
