"""The numbers of turn-taking, with their reasons. "In a trial": with the local speech models on telephone audio."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnSettings:
    """All in ms unless named otherwise. Silence is counted from the end of the last voiced frame."""

    # Hysteresis of the VAD.
    onset_voiced: int = 3
    """Voiced frames in `onset_window` that start speech: one or two are clicks."""
    onset_window: int = 5
    barge_in_voiced: int = 5
    """The stricter onset while the engine speaks: 100 to 140 ms, well inside a 250 ms reaction. With four of seven,
    scraps of echo that pass the guard hold the engine (overlap panel: half as many echoes were withstood)."""
    barge_in_window: int = 7
    preroll_ms: int = 300
    """Audio kept before the onset: unvoiced consonants precede the first voiced frame."""
    far_voice_db: float = 25.0
    """Frames so far below the caller's own level are somebody else's (a television, the next table)."""
    far_voice_speaking_db: float = 18.0
    """The same while the engine speaks, when leftover echo is to be expected too."""

    # Endpointing.
    pause_ms: int = 200
    """First pause: decode speculatively."""
    wait_ms: int = 740
    """Silence that ends an ordinary turn: people pause up to 0.7 s inside an utterance, and going on shows
    two frames later. Measured on 67 recorded utterances with a pause of exactly 0.7 s in each: ended early by
    700 ms 100 %, 740 ms 18 %, 760 ms 6 %, all of them withdrawn before a reply was audible; at 0.6 s none."""
    short_wait_ms: int = 480
    """After a surely complete answer to the open question."""
    settled_wait_ms: int = 680
    """After a question, thanks, a farewell, or the yes or no that was asked for ("Yes. I would like to …")."""
    hesitant_wait_ms: int = 1000
    """Where the recognizer heard no end of sentence: in a trial 9 of 34 cut sentences, 5 of 34 whole ones."""
    doubted_wait_ms: int = 1240
    """Where the recognizer doubts how the text ends (`is_doubtful`). In Spanish, whose recognizer loses more of the
    words that announce a pause, it covers pauses of 1.5 s; in English it keeps the 95th percentile within 1.3 s."""
    doubted_trailing: float = 0.02
    """Probability of trailing words from which on the end is doubted; `doubted_sureness` is that of the last word
    below which it is. Beginnings cut after a conjunction, a preposition, an article or a filler, spoken by the
    packaged voices: of 98 Spanish ones 22 did not show it in their text, 18 of these are doubted, and 40 of 204
    whole utterances; of 101 English ones 8, 7 and 25 of 213."""
    doubted_sureness: float = 0.3
    cued_wait_ms: int = 1700
    """After a conjunction, an article, a filler, an unfinished number: covers cued pauses of 1.5 s."""
    menu_wait_ms: int = 1000
    """A menu is over after a second (DIALOGUE: read the whole menu)."""
    adapt_cut_ms: int = 150
    """Added to the wait each time the caller goes on soon after their turn was ended."""
    adapt_most_ms: int = 450
    adapt_decay: float = 0.6
    """What remains of the addition after each turn that was not cut."""
    cut_window_ms: int = 1200
    """Going on within this time after the end was called means that it was called too early."""
    hypothesis_grace_ms: int = 1100
    """How long a speculative decode is waited for when the wait is over, before a final one is requested (it may
    have been shed): twice the median of the slowest local recognizer."""
    final_timeout_ms: int = 4000
    """How long a final decode is waited for; then what is known must do."""
    utterance_soft_ms: int = 12000
    """Past this length a pause closes the utterance (decoding is quadratic, and models have windows)."""
    utterance_hard_ms: int = 24000
    """Past this length it is closed in mid-speech: Whisper's window is 30 s."""
    interim_every_ms: int | None = None
    """Decode while they speak, once per so much speech; None: only at pauses."""
    click_ms: int = 80
    """An utterance with less voiced audio is no word: the shortest, "no", has 120 ms."""
    unintelligible_ms: int = 700
    """A turn without words is reported when it had this much voiced audio; below, it was a noise."""
    too_long_ms: int = 45000
    """A turn longer than this is interrupted."""

    # Barge-in.
    barge_in_words_ms: int = 320
    """Speech over the engine after which the first words are decoded. At 220 ms they are made up by the English
    recognizer; the Spanish one takes 400 ms (measured: docs/SPEECH.md), and must be asked earlier to be in time."""
    barge_in_sure_ms: int = 700
    """Speech without a pause after which it is an interruption whatever the words: backchannels are shorter
    (Spanish "de acuerdo" has 730 ms: `for_language`)."""
    barge_in_again_ms: int = 160
    """Further speech after which they are decoded again."""
    barge_in_several_ms: int = 500
    """Speech after which two different words are an interruption; of less, recognizers make up several: "of course"
    came out as "of course, of course, of", "sure" as "so I'm sorry"."""
    barge_in_other_ms: int = 700
    """Speech without a pause after which it is an interruption when the words so far begin no backchannel."""
    barge_in_backchannel_ms: int = 1300
    """The same when the words so far are a backchannel's."""
    barge_in_pause_ms: int = 160
    """Silence that ends an utterance over the engine's speech, so that it can be judged."""
    barge_in_timeout_ms: int = 1200
    """How long the words of a finished utterance are waited for; then its length decides."""
    barge_in_length_ms: int = 400
    """That length: longer counts as an interruption."""
    withdraw_ms: int = 300
    """Speech before the reply's first audio that withdraws the reply whatever the words."""
    tail_answer_ms: int = 1000
    """A short answer over the end of a reply, at most so long before it ends, is the next turn."""
    forced_quiet_ms: int = 400
    """After the caller was interrupted for talking too long: silence after which they may interrupt again."""

    # Idle.
    idle_prompt_ms: int = 7000
    """Silence from the end of playback after which it is reported, and again after each such time."""

    # Fixed turn-taking, for comparing engines.
    endpointing_fixed_ms: int | None = None
    """End every turn after exactly this silence, decode only then, ignore the words."""
    barge_in_fixed_ms: int | None = None
    """Accept every barge-in after exactly this much speech, ignore the words."""

    def for_language(self, language: str) -> "TurnSettings":
        """These settings where a language's recognizer or ways of speaking ask for others; the fixed ones stay."""
        if language != "es":
            return self
        return replace(
            self,
            doubted_wait_ms=1600,
            doubted_sureness=0.5,
            barge_in_words_ms=240,
            barge_in_sure_ms=760,
            barge_in_other_ms=680,
        )
