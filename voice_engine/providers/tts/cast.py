"""The house's characters: one name for a voice, and how each synthesizer plays it in every language it speaks.

A call that names a character keeps it whichever synthesizer is configured, and where one takes over from another.
The packaged models have one good voice a language. Both synthesize from parameters, so other speakers are made of
it at the source: the melody is scaled before the waveform exists, and formants are moved by resampling speech that
was made so much faster or slower, which keeps its tempo. Nothing is stretched afterwards; it costs nothing more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from voice_engine.ports.tts import Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How the packaged voice of a language is changed, as factors: `pitch` of the melody, `formant` of the vocal
    tract's resonances (below 1: a longer one). Both 1: the voice as it is."""

    pitch: float = 1.0
    formant: float = 1.0

    @property
    def intonation(self) -> float:
        """What is left to scale in the melody once resampling has moved it along with the formants."""
        return self.pitch / self.formant


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """One voice of the house. `openai`: the voice of that vendor that comes nearest."""

    name: str
    gender: str
    manner: Manner
    openai: str


CAST: Mapping[str, Character] = MappingProxyType(
    {
        character.name: character
        for character in (
            Character(name="savannah", gender="female", manner=Manner(), openai="coral"),
            Character(name="james", gender="male", manner=Manner(pitch=0.55, formant=0.9), openai="onyx"),
            Character(name="chloe", gender="female", manner=Manner(pitch=1.15, formant=1.15), openai="shimmer"),
            Character(name="daniel", gender="male", manner=Manner(pitch=0.66, formant=0.96), openai="echo"),
            Character(name="ruth", gender="female", manner=Manner(pitch=0.86, formant=0.9), openai="sage"),
        )
    }
)
"""Men speak at about 0.6 of women's pitch, with formants lower by a tenth to a fifth (Peterson and Barney 1952: 132
and 223 Hz). Chosen among ten by their distance and by what the recognizers make of them (docs/SPEECH.md)."""

UNCHANGED = Manner()


def characters(language: str) -> tuple[Voice, ...]:
    """The whole cast, in one language, as a synthesizer offers it."""
    return tuple(
        Voice(id=character.name, language=language, label=name.title(), gender=character.gender, is_character=True)
        for name, character in CAST.items()
    )


def manner_of(voice: str) -> Manner:
    """How this voice is played; voices that are no characters are as they are."""
    character = CAST.get(voice)
    return character.manner if character is not None else UNCHANGED
