"""Database, key and worker: what is wrong with them, and that looking changes nothing."""

import datetime as dt
import os
from pathlib import Path

from voice_engine.bootstrap.checks.storage import DATABASE, SECRET_KEY, WORKER, judge_worker, storage
from voice_engine.config import load_settings
from voice_engine.domains.models import METADATA
from voice_engine.jobs.depths import JobDepths
from voice_engine.ports.doctor import Finding
from voice_engine.store import migrate
from voice_engine.store.secrets import KEY_FILE, open_box

NOW = dt.datetime(2026, 2, 13, tzinfo=dt.UTC)


async def look(data_dir: Path, **environ: str) -> dict[str, Finding]:
    named = {f"VOICE_ENGINE_{name}": value for name, value in environ.items()}
    settings = load_settings({"VOICE_ENGINE_DATA_DIR": str(data_dir), **named})
    return {finding.subject: finding for finding in await storage(settings, now=NOW)}


def made(data_dir: Path) -> Path:
    data_dir.mkdir(mode=0o700)
    file = data_dir / "voice-engine.db"
    migrate.upgrade(f"sqlite:///{file}", METADATA)
    file.chmod(0o600)
    return file


async def test_nothing_there_yet_is_well_and_stays_so(tmp_path: Path) -> None:
    found = await look(tmp_path / "data")

    assert {finding.verdict for finding in found.values()} == {"ok"}
    assert not (tmp_path / "data").exists()


async def test_a_whole_database_is_well_but_nobody_works_on_it(tmp_path: Path) -> None:
    made(tmp_path / "data")

    found = await look(tmp_path / "data")

    assert found[DATABASE].verdict == "ok"
    assert "WAL" in found[DATABASE].detail
    assert found[WORKER].verdict == "warning"


async def test_an_empty_database_is_to_be_upgraded(tmp_path: Path) -> None:
    (tmp_path / "voice-engine.db").touch(0o600)

    found = await look(tmp_path)

    assert found[DATABASE].verdict == "problem"
    assert "db upgrade" in str(found[DATABASE].fix)


async def test_a_database_that_others_can_read_is_named(tmp_path: Path) -> None:
    made(tmp_path / "data").chmod(0o644)

    found = await look(tmp_path / "data")

    assert (found[DATABASE].verdict, str(found[DATABASE].fix)[:9]) == ("warning", "chmod 600")


async def test_a_server_that_does_not_answer_is_a_problem(tmp_path: Path) -> None:
    found = await look(tmp_path, DATABASE_URL="postgresql://a:secret@127.0.0.1:9/none")

    assert found[DATABASE].verdict == "problem"
    assert "secret" not in str(found[DATABASE])


async def test_a_url_of_another_database_is_a_problem(tmp_path: Path) -> None:
    assert (await look(tmp_path, DATABASE_URL="mysql://host/db"))[DATABASE].verdict == "problem"


async def test_an_open_or_broken_key_is_a_problem(tmp_path: Path) -> None:
    """Readable by others, then cut short, then too short in the environment."""
    open_box(secret_key=None, data_dir=tmp_path)
    file = tmp_path / KEY_FILE
    file.chmod(0o644)
    assert (await look(tmp_path))[SECRET_KEY].verdict == "problem"

    file.chmod(0o600)
    assert (await look(tmp_path))[SECRET_KEY].verdict == "ok"
    os.truncate(file, 7)
    assert (await look(tmp_path))[SECRET_KEY].verdict == "problem"

    assert (await look(tmp_path, SECRET_KEY="short"))[SECRET_KEY].verdict == "problem"


def test_work_that_nobody_does_is_a_problem() -> None:
    def judged(**numbers: int) -> str:
        none = {"outbox": 0, "waiting": 0, "running": 0, "dead": 0, "workers": 0}
        return judge_worker(JobDepths(**{**none, **numbers})).verdict

    assert judged(outbox=3) == "problem"
    assert judged(workers=1, outbox=3) == "ok"
    assert judged(workers=1, dead=1) == "warning"
