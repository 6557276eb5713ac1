"""Secrets open with their key, in their place, and nowhere else."""

from pathlib import Path

import pytest

from voice_engine.errors import InvalidInput
from voice_engine.store.secrets import SecretBox, open_box


def test_a_sealed_secret_opens_in_its_place() -> None:
    """Round trip, and the text is not the secret."""
    box = SecretBox(b"k" * 32)

    sealed = box.seal("hunter2", context="a:1")

    assert "hunter2" not in sealed
    assert box.open(sealed, context="a:1") == "hunter2"


@pytest.mark.parametrize("damage", ["place", "key", "text"])
def test_elsewhere_it_does_not_open(damage: str) -> None:
    """Copied to another row, opened with another key, or changed: refused with one code."""
    box = SecretBox(b"k" * 32)
    sealed = box.seal("hunter2", context="a:1")
    opener = SecretBox(b"x" * 32) if damage == "key" else box
    text = sealed[:-6] + "AAAA==" if damage == "text" else sealed

    with pytest.raises(InvalidInput) as refusal:
        opener.open(text, context="b:1" if damage == "place" else "a:1")

    assert refusal.value.code == "secret_unreadable"


def test_the_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    """A restart reads what the first start wrote."""
    sealed = open_box(secret_key=None, data_dir=tmp_path).seal("s", context="c")

    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
    assert open_box(secret_key=None, data_dir=tmp_path).open(sealed, context="c") == "s"


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """The message says how to mend it."""
    open_box(secret_key=None, data_dir=tmp_path)
    (tmp_path / "secret.key").chmod(0o644)

    with pytest.raises(InvalidInput, match="chmod 600"):
        open_box(secret_key=None, data_dir=tmp_path)


def test_a_passphrase_opens_what_it_sealed(tmp_path: Path) -> None:
    """The environment's key needs no file."""
    sealed = open_box(secret_key="correct horse battery", data_dir=tmp_path).seal("s", context="c")

    assert open_box(secret_key="correct horse battery", data_dir=tmp_path).open(sealed, context="c") == "s"
    assert not (tmp_path / "secret.key").exists()
