"""The database, the key of stored secrets, and whether a worker is alive. Looking makes no files."""

import datetime as dt
import stat
from pathlib import Path

import sqlalchemy as sa

from voice_engine.config import Settings
from voice_engine.errors import InvalidInput, VoiceEngineError
from voice_engine.jobs.depths import JobDepths, read_depths
from voice_engine.ports.doctor import Finding, problem, warning, well
from voice_engine.store import migrate
from voice_engine.store.engine import Store, open_store, parse_url
from voice_engine.store.secrets import KEY_BYTES, KEY_FILE, open_box

DATABASE, SECRET_KEY, WORKER = "database", "secret key", "worker"


async def storage(settings: Settings, *, now: dt.datetime) -> list[Finding]:
    """Everything that is kept, and who works on it."""
    key = secret_key(settings)
    try:
        url = parse_url(settings.store_url)
    except InvalidInput as error:
        return [key, problem(DATABASE, "unusable URL", error.message)]
    file = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
    if file is not None and _mode(file) is None:
        return [key, well(DATABASE, f"SQLite, {file} (made on the first start)")]
    try:
        state = migrate.state_of(settings.store_url)
    except VoiceEngineError as error:
        return [key, problem(DATABASE, error.code, f"{error.message}; see VOICE_ENGINE_DATABASE_URL")]
    if not state.up_to_date:
        at = f"at step {state.current or 'nothing'}, this version needs {state.head}"
        return [key, problem(DATABASE, at, "voice-engine db upgrade (serve and worker do it at start)")]
    store = open_store(settings.store_url)
    try:
        return [key, await _database(store, file, step=state.head), await worker(store, now=now)]
    except VoiceEngineError as error:
        return [key, problem(DATABASE, error.code, error.message)]
    finally:
        await store.aclose()


def secret_key(settings: Settings) -> Finding:
    """The key that seals what is stored sealed."""
    if settings.secret_key is None and not (settings.data_dir / KEY_FILE).exists():
        return well(SECRET_KEY, f"made on the first start, {settings.data_dir / KEY_FILE}: keep a copy")
    given = settings.secret_key.get_secret_value() if settings.secret_key else None
    try:
        open_box(secret_key=given, data_dir=settings.data_dir)
    except (VoiceEngineError, OSError) as error:
        detail = error.code if isinstance(error, VoiceEngineError) else "unreadable"
        return problem(SECRET_KEY, detail, str(getattr(error, "message", None) or error))
    where = "VOICE_ENGINE_SECRET_KEY" if given else f"{settings.data_dir / KEY_FILE}, {KEY_BYTES} bytes, 0600"
    return well(SECRET_KEY, where)


def _mode(file: Path) -> int | None:
    """Who may do what with it; None: there is no such file."""
    return stat.S_IMODE(file.stat().st_mode) if file.exists() else None


async def _database(store: Store, file: Path | None, *, step: str) -> Finding:
    async with store.system("doctor", writes=False) as work:
        if store.dialect == "postgresql":
            version = await work.session.scalar(sa.text("SHOW server_version"))
            return well(DATABASE, f"PostgreSQL {version}, step {step}")
        mode = await work.session.scalar(sa.text("PRAGMA journal_mode"))
    if mode != "wal":
        return warning(DATABASE, f"SQLite in {mode} mode", "put it on a local disk: readers block writers here")
    if file is not None and (_mode(file) or 0) & 0o077:
        return warning(DATABASE, f"{file} can be read by others", f"chmod 600 {file}*")
    return well(DATABASE, f"SQLite, WAL, step {step}")


async def worker(store: Store, *, now: dt.datetime) -> Finding:
    """Whether somebody does durable work, and what lies there undone."""
    async with store.system("doctor", writes=False) as work:
        depths = await read_depths(work, now=now)
    return judge_worker(depths)


def judge_worker(depths: JobDepths) -> Finding:
    """What these numbers mean."""
    waits = f"{depths.outbox + depths.waiting} jobs wait, {depths.dead} dead"
    if depths.workers == 0:
        fix = "start voice-engine serve, or voice-engine worker: nothing is dialled without one"
        return (problem if depths.outbox else warning)(WORKER, f"none alive; {waits}", fix)
    if depths.dead:
        return warning(WORKER, f"{depths.workers} alive; {waits}", "the log has `job.dead` with each one's code")
    return well(WORKER, f"{depths.workers} alive; {waits}")
