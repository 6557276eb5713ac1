"""Tones and music of an outbound line: a mailbox's beep, hold music. Off the path of inbound calls."""

from collections.abc import Callable

from voice_engine.audio.frames import PCM
from voice_engine.audio.music import MusicDetector
from voice_engine.audio.tones import BeepDetector


class ChannelWatch:
    """Reports beeps and changes of music; callbacks are synchronous."""

    def __init__(self, *, on_beep: Callable[[int], None], on_music: Callable[[bool], None]) -> None:
        self._beep = BeepDetector()
        self._music = MusicDetector()
        self._playing = False
        self._on_beep = on_beep
        self._on_music = on_music

    def hear(self, pcm: PCM, media_ms: int) -> None:
        """One frame of caller audio."""
        if self._beep.step(pcm):
            self._on_beep(media_ms)
        verdict = self._music.step(pcm)
        if verdict is not None and verdict != self._playing:
            self._playing = verdict
            self._on_music(verdict)
