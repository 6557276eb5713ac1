"""The generated carrier account: private, stable, whole."""

import json
import stat
import threading
from pathlib import Path

import pytest

from voice_engine.errors import InvalidInput
from voice_engine.web.account import CarrierAccount, find_local_account, local_account


def test_an_account_is_made_once_and_kept(tmp_path: Path) -> None:
    first = local_account(tmp_path / "data")

    assert local_account(tmp_path / "data") == first
    assert first.generated
    assert (first.account_sid[:2], len(first.account_sid), len(first.auth_token)) == ("AC", 34, 32)


def test_file_and_directory_are_private(tmp_path: Path) -> None:
    local_account(tmp_path / "data")

    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    (file,) = (tmp_path / "data").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_looking_makes_nothing(tmp_path: Path) -> None:
    assert find_local_account(tmp_path / "data") is None
    assert not (tmp_path / "data").exists()


def test_the_token_does_not_print(tmp_path: Path) -> None:
    account = local_account(tmp_path)

    assert account.auth_token not in repr(account)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"account_sid": "AC1", "auth_token": "x"}', "\x00"])
def test_a_broken_file_is_named_and_left(tmp_path: Path, text: str) -> None:
    file = tmp_path / "carrier-account.json"
    file.write_text(text)

    with pytest.raises(InvalidInput, match=r"carrier-account\.json") as caught:
        local_account(tmp_path)

    assert caught.value.code == "bad_account_file"
    assert file.read_text() == text


def test_an_unwritable_directory_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(InvalidInput) as caught:
        local_account(tmp_path / "file" / "data")

    assert caught.value.code in {"unwritable_data_dir", "bad_account_file"}


def test_processes_that_start_together_agree(tmp_path: Path) -> None:
    barrier = threading.Barrier(6)
    made: list[CarrierAccount] = []

    def make() -> None:
        barrier.wait()
        made.append(local_account(tmp_path))

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 6
    assert len({account.auth_token for account in made}) == 1
    assert [json.loads(file.read_text())["auth_token"] for file in tmp_path.iterdir()] == [made[0].auth_token]
