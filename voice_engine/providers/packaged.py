"""Model files that ship inside installed packages: found without importing them, checked against pinned hashes.

Several of these packages are small projects, so what they contain is verified before it is loaded.
"""

import hashlib
import importlib.util
from pathlib import Path

from voice_engine.errors import InvalidInput, UpstreamFailed

INSTALL = "pip install 'voice-engine[speech]'"


def package_dir(package: str) -> Path:
    """Directory of an installed package, without importing it.

    Raises:
        InvalidInput: `speech_extra_missing`, when it is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise InvalidInput("speech_extra_missing", f"Local speech needs the package {package!r}: run {INSTALL}.")
    return Path(spec.origin).parent


def require(*packages: str) -> None:
    """Raise InvalidInput (`speech_extra_missing`) unless all are installed; imports none."""
    for package in packages:
        package_dir(package)


def require_path(path: Path | None) -> None:
    """Raise InvalidInput (`speech_model_missing`) when a model of the user's own is not where it should be."""
    if path is not None and not path.exists():
        raise InvalidInput("speech_model_missing", f"There is no model at {path}.")


def read_verified(path: Path, sha256: str | None) -> bytes:
    """The file's bytes; `sha256` None (a directory of the user's own) skips the check.

    Raises:
        InvalidInput: `speech_model_missing`, when the file cannot be read.
        UpstreamFailed: `speech_model_changed`, when it is not the file this version was measured with.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidInput(
            "speech_model_missing", f"Cannot read the model file {path}: {error.strerror}."
        ) from error
    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise changed(path)
    return content


def changed(path: Path) -> UpstreamFailed:
    """The error for a file whose hash is not the pinned one."""
    return UpstreamFailed(
        "speech_model_changed",
        f"{path} is not the file that this version was measured with; reinstall: {INSTALL}.",
        provider="local",
        retryable=False,
    )
