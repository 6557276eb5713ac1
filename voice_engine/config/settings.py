"""The one place that reads the environment: `VOICE_ENGINE_…` variables become frozen `Settings`, once.

Sections nest by `__` (`VOICE_ENGINE_MEDIA__MAX_CALLS`). An unknown key or a bad value is an error at start that
names the nearest valid key. What a section means belongs to the package that uses it.
"""

import difflib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.sources import EnvSettingsSource

from voice_engine.config.sections import (
    AccountsSection,
    AuthSection,
    BlobsSection,
    CallsSection,
    CarrierSection,
    DirPath,
    FailoverSection,
    FilePath,
    HttpURL,
    LogSection,
    MailSection,
    MediaSection,
    OpenAISection,
    OtelSection,
    OutboundSection,
    ScriptedSection,
    SpeechSection,
    TurnsSection,
    TwilioSection,
    WebSection,
    WorkerSection,
)
from voice_engine.errors import InvalidInput

PREFIX = "VOICE_ENGINE_"
NESTING = "__"
TEST_PREFIX = "VOICE_ENGINE_TEST_"
"""Switches of the test-suite; no setting of the program."""

CLIENT_VARIABLES = frozenset({"VOICE_ENGINE_TOKEN"})
"""Options of commands that talk to a server; no settings of it."""

MASK = "***"


def _default_data_dir() -> Path:
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "voice-engine"


class Settings(BaseSettings):
    """Every setting of a process, read once at its start."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=NESTING,
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )

    data_dir: DirPath = Field(default_factory=_default_data_dir, description="Everything that is written")
    database_url: SecretStr | None = Field(
        default=None, description="Database of accounts; unset: SQLite in data_dir"
    )
    public_url: HttpURL | None = Field(
        default=None, description="Base URL under which the carrier reaches us; unset: the listening address"
    )
    secret_key: SecretStr | None = Field(
        default=None, description="Encrypts stored secrets; unset: a file in data_dir"
    )
    vapi_webhook_secret: SecretStr | None = Field(
        default=None,
        description="Secret of VAPI's server messages; unset: they are taken on this machine alone, else none is",
    )
    admin_api_key: SecretStr | None = Field(
        default=None, description="Key of /api/admin/*, sent as x-admin-key; unset: nobody is administrator there"
    )
    assistant: FilePath | None = Field(
        default=None, description="Who answers served calls: a file like call.yaml; unset: a plain front desk"
    )
    stt: str = Field(default="local", description="Recognizer, by entry-point name")
    llm: str = Field(default="none", description="Language model, by entry-point name; none: rules only")
    tts: str = Field(default="local", description="Synthesizer, by entry-point name")
    twilio: TwilioSection = TwilioSection()
    openai: OpenAISection = OpenAISection()
    speech: SpeechSection = SpeechSection()
    failover: FailoverSection = FailoverSection()
    scripted: ScriptedSection = ScriptedSection()
    turns: TurnsSection = TurnsSection()
    media: MediaSection = MediaSection()
    carrier: CarrierSection = CarrierSection()
    calls: CallsSection = CallsSection()
    accounts: AccountsSection = AccountsSection()
    blobs: BlobsSection = BlobsSection()
    mail: MailSection = MailSection()
    worker: WorkerSection = WorkerSection()
    web: WebSection = WebSection()
    outbound: OutboundSection = OutboundSection()
    auth: AuthSection = AuthSection()
    log: LogSection = LogSection()
    otel: OtelSection = OtelSection()

    @property
    def store_url(self) -> str:
        """Where the rows are: the configured database, or a SQLite file in the data directory."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir / 'voice-engine.db'}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load_settings` hands in: nothing is read behind its back."""
        return (init_settings,)


class _Environment(EnvSettingsSource):
    """pydantic-settings' reading of nested variables, over the mapping handed in instead of the process's."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        super().__init__(Settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {key.lower(): value for key, value in self._environ.items() if value != ""}


Source = Literal["command line", "environment", "default"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingLine:
    """One setting as `doctor` shows it: `value` is printable, masked when it is a secret; None is unset."""

    name: str
    value: str | None
    source: Source
    secret: bool
    description: str


def load_settings(environ: Mapping[str, str] | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read and check every `VOICE_ENGINE_…` variable of `environ` (None: of the process).

    `overrides` are command-line options by dotted name (`{"media.max_calls": 3}`); they win, None is ignored.

    Raises:
        InvalidInput: `unknown_setting` or `bad_setting`; the message names the variable, never its value.
    """
    environ = os.environ if environ is None else environ
    _refuse_unknown(environ)
    values = _Environment(environ)()
    for name, value in (overrides or {}).items():
        if value is not None:
            _put(values, name.split("."), value)
    try:
        return Settings(**values)
    except ValidationError as error:
        raise InvalidInput("bad_setting", _explain(error)) from error


def describe_settings(
    settings: Settings,
    environ: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
    *,
    show_secrets: bool = False,
) -> list[SettingLine]:
    """Every setting with its value and where it came from, in the order of the classes above."""
    environ = os.environ if environ is None else environ
    overridden = {variable_name(name) for name, value in (overrides or {}).items() if value is not None}
    lines = []
    for path, field, value in _leaves(settings):
        name = variable_name(".".join(path))
        source: Source = "environment" if environ.get(name) else "default"
        lines.append(
            SettingLine(
                name=name,
                value=_printable(value, show_secrets=show_secrets),
                source="command line" if name in overridden else source,
                secret="SecretStr" in str(field.annotation),
                description=field.description or "",
            )
        )
    return lines


def variable_name(dotted: str) -> str:
    """The environment variable of a setting: `media.max_calls` → `VOICE_ENGINE_MEDIA__MAX_CALLS`."""
    return PREFIX + dotted.replace(".", NESTING).upper()


def _leaves(model: BaseModel, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], FieldInfo, Any]]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _leaves(value, (*path, name))
        else:
            yield (*path, name), field, value


def _printable(value: object, *, show_secrets: bool) -> str | None:
    if isinstance(value, SecretStr):
        return value.get_secret_value() if show_secrets else MASK
    return None if value is None else str(value)


def _known_variables() -> list[str]:
    return [variable_name(".".join(path)) for path, _, _ in _leaves(Settings())]


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = _known_variables()
    for name in environ:
        if (
            not name.upper().startswith(PREFIX)
            or name.startswith(TEST_PREFIX)
            or name in {*known, *CLIENT_VARIABLES}
        ):
            continue
        near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.0)
        raise InvalidInput("unknown_setting", f"unknown setting {name}; did you mean {near[0]}?")


def _put(values: dict[str, Any], path: list[str], value: object) -> None:
    for part in path[:-1]:
        values = values.setdefault(part, {})
    values[path[-1]] = value


def _explain(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    name = variable_name(".".join(str(part) for part in first["loc"]))
    return f"{name}: {first['msg'].removeprefix('Value error, ').lower()}"
