"""`voice-engine db`: bring the database to this version's schema, say where it stands, or write the next step."""

import tempfile
from pathlib import Path

from voice_engine.cli.calls import read_settings
from voice_engine.cli.console import EXIT_EXPECTATION, EXIT_OK, emit_json, out
from voice_engine.config import Settings
from voice_engine.domains.models import METADATA
from voice_engine.errors import InvalidInput
from voice_engine.store import migrate

VERBS = ("upgrade", "state", "revision")


def run(verb: str, *, message: str, as_json: bool) -> int:
    """0 when the database is up to date afterwards, 1 when it is not. Raises InvalidInput, UpstreamFailed."""
    settings = read_settings()
    match verb:
        case "upgrade":
            return _upgrade(settings, as_json=as_json)
        case "state":
            return _state(settings, as_json=as_json)
        case "revision":
            return _revision(message, as_json=as_json)
        case _:
            raise InvalidInput("unknown_verb", f"db {verb}: the verbs are {', '.join(VERBS)}")


def _upgrade(settings: Settings, *, as_json: bool) -> int:
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    before = migrate.upgrade(settings.store_url, METADATA)
    if as_json:
        emit_json({"from": before.current, "to": before.head})
    else:
        done = (
            "was up to date" if before.up_to_date else f"went from {before.current or 'nothing'} to {before.head}"
        )
        out().print(f"The database {done}.")
    return EXIT_OK


def _state(settings: Settings, *, as_json: bool) -> int:
    state = migrate.state_of(settings.store_url)
    if as_json:
        emit_json({"current": state.current, "head": state.head, "up_to_date": state.up_to_date})
    elif state.up_to_date:
        out().print(f"The database is up to date (step {state.head}).")
    else:
        out().print(
            f"The database is at step {state.current or 'nothing'}, this version needs {state.head}: "
            "run voice-engine db upgrade"
        )
    return EXIT_OK if state.up_to_date else EXIT_EXPECTATION


def _revision(message: str, *, as_json: bool) -> int:
    """Compare a database at the newest step with the models, in a scratch file."""
    if not message:
        raise InvalidInput("missing_message", "say what the revision does: --message 'add contacts'")
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite:///{scratch}/scratch.db"
        head = migrate.head()
        if head is not None:
            migrate.upgrade(url, METADATA)
        path = migrate.write_revision(url, METADATA, message, revision_id=f"{int(head or 0) + 1:04d}")
    if as_json:
        emit_json({"path": path})
    else:
        out().print(f"Wrote {Path(path)}: read it, then run make fmt.")
    return EXIT_OK
