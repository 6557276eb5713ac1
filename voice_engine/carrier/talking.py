"""The verbs by which the carrier itself talks and listens: <Say>, <Gather>, <Record>."""

import itertools
from collections.abc import Iterable

from voice_engine.audio import mulaw
from voice_engine.audio.frames import FRAME_MS, FRAME_SAMPLES
from voice_engine.audio.level import dbfs
from voice_engine.carrier import sounds
from voice_engine.carrier.switch import Document, Performer
from voice_engine.carrier.verbs import GatherVerb, PauseVerb, PlayDigits, Prompt, RecordVerb, SayVerb
from voice_engine.errors import VoiceEngineError

SPEECH_DBFS = -45.0
"""A frame of a recording at or above this level is no silence; line noise of a good line lies below."""

HANGUP_DIGITS = "hangup"
"""What `Digits` says to a <Record>'s action when the other party left."""


async def say(call: Performer, verb: SayVerb) -> None:
    """Speak the text to the line."""
    audio = await _spoken(call, verb)
    rounds: Iterable[int] = itertools.count() if verb.loop == 0 else range(verb.loop)
    for _ in rounds:
        if not audio or call.interrupted:
            return
        await _play(call, audio)


async def gather(call: Performer, verb: GatherVerb) -> Document | None:
    """Collect keys while prompting and after it."""
    keys = ""
    for prompt in verb.prompts:
        if not keys and not call.interrupted:
            keys += await _prompt(call, prompt)
    quiet_ms = 0.0
    while not call.interrupted and quiet_ms < verb.timeout_s * 1000 and not _complete(keys, verb):
        pressed = (await call.frame()).digits
        keys += pressed
        quiet_ms = 0.0 if pressed else quiet_ms + FRAME_MS
    if call.interrupted:
        return None
    digits, ended = _digits(keys, verb)
    if not digits and not verb.action_on_empty:
        return None
    form = {"Digits": digits} | ({"FinishedOnKey": ended} if ended else {})
    return await call.follow(verb.action or call.document_url, form)


async def record(call: Performer, verb: RecordVerb) -> Document | None:
    """Keep what the line says from the beep on."""
    if verb.play_beep:
        await _play(call, b"".join(sounds.frames(sounds.beep())))
    audio, key = await _listen(call, verb)
    if call.interrupted and not call.leg.hung_up:
        return None
    if verb.trim:
        audio = _without_silence(audio)
    if not audio:
        return None
    form = dict(await call.switch.keep(call.record, verb, audio))
    call.leg.catch_up()
    form["Digits"] = HANGUP_DIGITS if call.leg.hung_up else key
    return await call.follow(verb.action or call.document_url, form)


async def _prompt(call: Performer, prompt: Prompt) -> str:
    """One prompt of a <Gather>; the keys that interrupted it."""
    match prompt:
        case SayVerb():
            audio = await _spoken(call, prompt)
            for _ in range(max(1, prompt.loop)):
                if keys := await _play(call, audio, until_key=True):
                    return keys
        case PauseVerb(length_s=length_s):
            return await _play(call, mulaw.silence(round(length_s * 8000)), until_key=True)
        case PlayDigits(digits=digits):
            await call.play_digits(digits)
    return ""


async def _spoken(call: Performer, verb: SayVerb) -> bytes:
    try:
        audio = await call.switch.speak(verb.text, verb.language)
    except VoiceEngineError as error:
        call.record.errors.append(f"Say: {error.message}")
        audio = b""
    call.leg.catch_up()
    return audio


async def _play(call: Performer, audio: bytes, *, until_key: bool = False) -> str:
    """Play μ-law to the line; the keys that were pressed when it stopped for them, else ""."""
    for at in range(0, len(audio), FRAME_SAMPLES):
        if call.interrupted:
            return ""
        frame = await call.frame(audio[at : at + FRAME_SAMPLES].ljust(FRAME_SAMPLES, sounds.SILENCE))
        if until_key and frame.digits:
            return frame.digits
    return ""


def _complete(keys: str, verb: GatherVerb) -> bool:
    limited = verb.num_digits is not None and len(keys) >= verb.num_digits
    return limited or any(key in verb.finish_on_key for key in keys)


def _digits(keys: str, verb: GatherVerb) -> tuple[str, str]:
    """The digits before the finishing key, at most as many as asked for, and that key."""
    for index, key in enumerate(keys):
        if key in verb.finish_on_key:
            return keys[:index][: verb.num_digits], key
    return keys[: verb.num_digits], ""


async def _listen(call: Performer, verb: RecordVerb) -> tuple[bytes, str]:
    """What the line said, and the key that ended it ("": none did)."""
    audio = bytearray()
    quiet_ms = 0.0
    while not call.interrupted and len(audio) < verb.max_length_s * 8000:
        frame = await call.frame()
        if any(key in verb.finish_on_key for key in frame.digits):
            return bytes(audio), frame.digits
        audio += frame.mulaw
        loud = dbfs(mulaw.decode(frame.mulaw)) >= SPEECH_DBFS
        quiet_ms = 0.0 if loud else quiet_ms + FRAME_MS
        if quiet_ms >= verb.timeout_s * 1000:
            break
    return bytes(audio), ""


def _without_silence(audio: bytes) -> bytes:
    """From the first frame that is no silence to the last one."""
    loud = [
        at
        for at in range(0, len(audio), FRAME_SAMPLES)
        if dbfs(mulaw.decode(audio[at : at + FRAME_SAMPLES])) >= SPEECH_DBFS
    ]
    return audio[loud[0] : loud[-1] + FRAME_SAMPLES] if loud else b""
