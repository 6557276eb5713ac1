"""What the carrier recorded: a WAV file and a JSON file each, in a folder of the data directory."""

import asyncio
import datetime as dt
import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from voice_engine.audio import mulaw
from voice_engine.audio.frames import PCM
from voice_engine.audio.wav import WavWriter
from voice_engine.carrier.rest.answers import API_VERSION, rfc2822


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One finished recording. `source` in Twilio's words: RecordVerb, OutboundAPI."""

    sid: str
    account_sid: str
    call_sid: str
    created_at: dt.datetime
    duration_s: int
    channels: int
    source: str

    @property
    def path(self) -> str:
        """Its URL's path without an extension."""
        return f"/{API_VERSION}/Accounts/{self.account_sid}/Recordings/{self.sid}"

    def json(self, base_url: str) -> dict[str, Any]:
        """The resource as Twilio writes it."""
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "call_sid": self.call_sid,
            "conference_sid": None,
            "api_version": API_VERSION,
            "date_created": rfc2822(self.created_at),
            "date_updated": rfc2822(self.created_at),
            "start_time": rfc2822(self.created_at),
            "duration": str(self.duration_s),
            "channels": self.channels,
            "source": self.source,
            "status": "completed",
            "error_code": None,
            "price": None,
            "price_unit": "USD",
            "encryption_details": None,
            "uri": f"{self.path}.json",
            "media_url": f"{base_url}{self.path}",
            "subresource_uris": {},
        }


class Recordings:
    """The folder. Files are written and read off the loop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._all: dict[str, Recording] = {}
        for path in sorted(folder.glob("RE*.json")):
            told = json.loads(path.read_text("utf-8"))
            told["created_at"] = dt.datetime.fromisoformat(told["created_at"])
            recording = Recording(**told)
            self._all[recording.sid] = recording

    async def keep(
        self, channels: Sequence[bytes], *, account_sid: str, call_sid: str, source: str, now: dt.datetime
    ) -> Recording:
        """Store μ-law audio, one channel or two of the same length."""
        recording = Recording(
            sid=f"RE{secrets.token_hex(16)}",
            account_sid=account_sid,
            call_sid=call_sid,
            created_at=now,
            duration_s=max(1, round(len(channels[0]) / 8000)),
            channels=len(channels),
            source=source,
        )
        await asyncio.get_running_loop().run_in_executor(None, self._write, recording, channels)
        self._all[recording.sid] = recording
        return recording

    def find(self, sid: str) -> Recording | None:
        """The recording, or None."""
        return self._all.get(sid)

    def of(self, call_sid: str | None) -> list[Recording]:
        """Recordings of one call, or all of them; newest first."""
        mine = [one for one in self._all.values() if call_sid is None or one.call_sid == call_sid]
        return sorted(mine, key=lambda one: one.created_at, reverse=True)

    async def media(self, recording: Recording) -> bytes:
        """The WAV file."""
        return await asyncio.get_running_loop().run_in_executor(None, self._wav(recording.sid).read_bytes)

    async def delete(self, recording: Recording) -> None:
        """Delete both files."""
        self._all.pop(recording.sid, None)
        await asyncio.get_running_loop().run_in_executor(None, self._unlink, recording.sid)

    def _wav(self, sid: str) -> Path:
        return self._folder / f"{sid}.wav"

    def _write(self, recording: Recording, channels: Sequence[bytes]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with WavWriter(self._wav(recording.sid), channels=len(channels)) as writer:
            writer.write(_interleaved([mulaw.decode_pcm(channel) for channel in channels]))
        told = asdict(recording) | {"created_at": recording.created_at.isoformat()}
        (self._folder / f"{recording.sid}.json").write_text(json.dumps(told), "utf-8")

    def _unlink(self, sid: str) -> None:
        self._wav(sid).unlink(missing_ok=True)
        (self._folder / f"{sid}.json").unlink(missing_ok=True)


def _interleaved(channels: Sequence[PCM]) -> bytes:
    shortest = min(channel.size for channel in channels)
    return np.stack([channel[:shortest] for channel in channels], axis=1).tobytes()
