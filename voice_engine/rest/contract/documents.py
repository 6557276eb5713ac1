"""The published API descriptions, as they are served."""

from importlib.resources import files


def kallyai_yaml() -> bytes:
    """The OpenAPI 3.1 description of `/v1`."""
    return (files("voice_engine.rest.contract") / "kallyai.openapi.yaml").read_bytes()
