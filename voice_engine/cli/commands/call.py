"""`voice-engine call +1…`: place a call through a running server and watch it, line by line.

Without a token it acts as an account of this machine, by a short-lived token made from the data directory.
"""

import asyncio
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

from voice_engine.cli.console import EXIT_EXPECTATION, EXIT_OK, emit_json, err, out
from voice_engine.errors import InvalidInput, UpstreamFailed

LOOK_EVERY_S = 0.5
TIMEOUT_S = 10.0
LIVE = frozenset({"queued", "scheduled", "in_progress"})
TOKEN_LIFE = dt.timedelta(hours=1)
SCOPES = frozenset({"calls:read", "calls:write", "transcripts:read", "recordings:read"})

_ENDS = {"busy": "the line was busy", "no_answer": "nobody answered", "voicemail": "a mailbox answered"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOptions:
    """What the command takes. `submission` has the API's own field names; empty values are left out."""

    url: str
    token: str | None
    user: str
    submission: Mapping[str, Any]
    timezone: str | None
    as_json: bool


def run(options: CallOptions) -> int:
    """0 when the conversation reached an answer, 1 when it did not.

    Raises:
        InvalidInput: the server refused the request; the message is its own.
        NotFound: `user_not_found`. UpstreamFailed: `no_server`.
    """
    token = options.token or _own_token(options.user)
    call = asyncio.run(_place(options, token))
    return EXIT_OK if call["status"] == "success" else EXIT_EXPECTATION


async def _place(options: CallOptions, token: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(base_url=options.url, headers=headers, timeout=TIMEOUT_S) as http:
        server = _Server(http, options.url)
        body: dict[str, Any] = {"submission": {name: value for name, value in options.submission.items() if value}}
        if options.timezone:
            body["timezone"] = options.timezone
        call = await server.ask("POST", "/v1/calls", json=body, headers={"Prefer": "respond-async"})
        try:
            call = await _watch(server, call, quiet=options.as_json)
        except asyncio.CancelledError:
            await server.ask("POST", f"/v1/calls/{call['call_id']}/stop")
            raise
        if options.as_json:
            emit_json(call)
        else:
            await _tell_end(server, call)
        return call


class _Server:
    """The API, its refusals turned into this program's errors."""

    def __init__(self, http: httpx2.AsyncClient, url: str) -> None:
        self._http = http
        self._url = url

    async def ask(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """One request. Raises InvalidInput with the server's code, UpstreamFailed `no_server`."""
        answer = await self._send(method, path, **options)
        if answer.status_code >= 400:
            error = answer.json()["error"]
            raise InvalidInput(error["code"], error["message"])
        body: dict[str, Any] = answer.json()
        return body

    async def find(self, path: str) -> dict[str, Any] | None:
        """What is at `path`; None when there is nothing."""
        answer = await self._send("GET", path)
        found: dict[str, Any] | None = answer.json() if answer.status_code == 200 else None
        return found

    async def _send(self, method: str, path: str, **options: Any) -> httpx2.Response:
        try:
            return await self._http.request(method, path, **options)
        except httpx2.HTTPError as error:
            raise UpstreamFailed(
                "no_server",
                f"nothing answers at {self._url}: start voice-engine serve, or name a running server by --url",
                provider="voice-engine",
                retryable=True,
            ) from error


async def _watch(server: _Server, call: dict[str, Any], *, quiet: bool) -> dict[str, Any]:
    path = f"/v1/calls/{call['call_id']}"
    told, console = 0, err()
    state = ""
    while True:
        if not quiet:
            told = await _tell_lines(server, path, told)
            if (now := _state(call)) != state:
                state = now
                console.print(f"[dim]{state}[/dim]")
        if call["status"] not in LIVE or call["status"] == "scheduled":
            return call
        await asyncio.sleep(LOOK_EVERY_S)
        call = await server.ask("GET", path)


async def _tell_lines(server: _Server, path: str, told: int) -> int:
    transcript = await server.find(f"{path}/transcript")
    lines = transcript["entries"] if transcript else []
    for line in lines[told:]:
        speaker = "[cyan]we  [/cyan]" if line["speaker"] == "AI" else "[bold]they[/bold]"
        err().print(f"[dim]{line['timestamp']}[/dim]  {speaker}  ", end="")
        err().print(line["content"], markup=False)
    return len(lines)


def _state(call: Mapping[str, Any]) -> str:
    if call["status"] == "in_progress":
        return "talking" if call["metadata"]["started_at"] else "ringing"
    if call["status"] == "scheduled":
        return f"waits until {call['metadata']['scheduled_at']}, when calls may be placed there (see --urgent)"
    return str(call["status"])


async def _tell_end(server: _Server, call: Mapping[str, Any]) -> None:
    console = out()
    said = call["highlights"] or _ENDS.get(call["status"]) or call["status"]
    console.print(f"\n{said}", markup=False, style="bold")
    if call["next_steps"]:
        console.print(call["next_steps"], markup=False)
    seconds = call["duration_seconds"] or 0
    console.print(f"[dim]{seconds:.0f} s, {call['credits_used']} credits, call {call['call_id']}[/dim]")
    if call["duration_seconds"]:
        recording = await server.find(f"/v1/calls/{call['call_id']}/recording")
        if recording is not None:
            console.print(f"[dim]recording: {recording['url']}[/dim]", soft_wrap=True)


def _own_token(email: str) -> str:
    """A token of an hour for an account of this machine. Raises NotFound, InvalidInput."""
    from voice_engine.cli.installation import Installation, at_installation, the_user
    from voice_engine.domains.identity import api_tokens

    async def work(here: Installation) -> str:
        async with here.store.system("the operator's command") as unit:
            user = await the_user(unit, email)
            wanted = api_tokens.NewApiToken(
                user_id=user.id,
                organization_id=user.organization_id,
                label="voice-engine call",
                scopes=SCOPES,
                lifetime=TOKEN_LIFE,
            )
            return (await api_tokens.create(unit, wanted, now=here.now(), actor="operator")).token

    return at_installation(work)
