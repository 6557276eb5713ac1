"""Packaged model files: where they are, and that they are what was measured."""

import hashlib
from pathlib import Path

import pytest

from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.providers.packaged import package_dir, read_verified, require


def test_missing_package_names_the_extra_to_install() -> None:
    with pytest.raises(InvalidInput, match=r"pip install 'voice-engine\[speech\]'") as missing:
        require("voice_engine", "no_such_package_at_all")

    assert missing.value.code == "speech_extra_missing"


def test_package_is_found_without_importing_it() -> None:
    assert (package_dir("voice_engine") / "errors.py").exists()


def test_file_with_the_pinned_hash_is_read(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(b"weights")

    assert read_verified(tmp_path / "model", hashlib.sha256(b"weights").hexdigest()) == b"weights"


def test_changed_file_is_refused(tmp_path: Path) -> None:
    """A small package may be replaced at the index by something else."""
    (tmp_path / "model").write_bytes(b"other weights")

    with pytest.raises(UpstreamFailed) as changed:
        read_verified(tmp_path / "model", hashlib.sha256(b"weights").hexdigest())

    assert changed.value.code == "speech_model_changed"


def test_a_file_of_ones_own_is_not_checked(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(b"own")

    assert read_verified(tmp_path / "model", None) == b"own"


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no-model") as missing:
        read_verified(tmp_path / "no-model", None)

    assert missing.value.code == "speech_model_missing"
