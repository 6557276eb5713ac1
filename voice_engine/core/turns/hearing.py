"""From the VAD's raw verdicts to speech: hysteresis, and a gate against voices much fainter than the caller's."""

from .settings import TurnSettings

FRAME_MS = 20
_HISTORY = 0xFF
_FAINT_STEP_DB = 0.02
"""How far one rejected frame lowers the caller's known level: 1 dB a second, so that a quieter talker gets in."""


class VoiceGate:
    """Steps once a frame; remembers the last eight frames as bits, newest lowest."""

    __slots__ = ("_far_db", "_far_speaking_db", "_floor_dbfs", "_onset", "_strict", "bits", "speech_dbfs")

    def __init__(self, settings: TurnSettings, speech_dbfs: float | None = None) -> None:
        assert max(settings.onset_window, settings.barge_in_window) <= _HISTORY.bit_length()
        self.bits = 0
        self.speech_dbfs = speech_dbfs
        self._onset = ((1 << settings.onset_window) - 1, settings.onset_voiced)
        self._strict = ((1 << settings.barge_in_window) - 1, settings.barge_in_voiced)
        self._far_db = settings.far_voice_db
        self._far_speaking_db = settings.far_voice_speaking_db
        self._floor_dbfs = -1000.0
        self.set_speaking(speaking=False)

    def set_speaking(self, *, speaking: bool) -> None:
        """Whether the engine speaks now: then the gate is stricter."""
        if self.speech_dbfs is not None:
            self._floor_dbfs = self.speech_dbfs - (self._far_speaking_db if speaking else self._far_db)

    def hear(self, voiced: bool, level_dbfs: float) -> bool:
        """Step one frame; whether it belongs to running speech (voiced, as are most of its neighbours)."""
        if voiced and level_dbfs < self._floor_dbfs:
            voiced = False
            self._relent()
        if not voiced:
            self.bits = self.bits << 1 & _HISTORY
            return False
        self.bits = (self.bits << 1 | 1) & _HISTORY
        mask, least = self._onset
        return (self.bits & mask).bit_count() >= least

    def _relent(self) -> None:
        self._floor_dbfs -= _FAINT_STEP_DB
        if self.speech_dbfs is not None:
            self.speech_dbfs -= _FAINT_STEP_DB

    def onset_ms(self, *, strict: bool) -> int | None:
        """How long ago speech began when it just has, else None."""
        mask, least = self._strict if strict else self._onset
        recent = self.bits & mask
        return recent.bit_length() * FRAME_MS if recent.bit_count() >= least else None

    @property
    def stirring(self) -> bool:
        """Whether speech may just be starting: two of the last three frames are voiced."""
        return (self.bits & 0b111).bit_count() >= 2

    def learn(self, level_dbfs: float) -> None:
        """The mean level of an utterance that had words."""
        known = self.speech_dbfs
        self.speech_dbfs = level_dbfs if known is None else 0.7 * known + 0.3 * level_dbfs
