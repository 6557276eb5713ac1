"""The published API descriptions, as they are served."""

from importlib.resources import files


def kallyai_yaml() -> bytes:
    """The OpenAPI 3.1 description of `/v1`."""
    return _read("kallyai.openapi.yaml")


def epoch_yaml() -> bytes:
    """The OpenAPI 3.1 description of `/api`."""
    return _read("epoch.openapi.yaml")


def _read(name: str) -> bytes:
    return (files("voice_engine.rest.contract") / name).read_bytes()
