"""Phone numbers and codes: strings of digits and letters, however they were read out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import phonenumbers

from voice_engine.core.dialogue.language.model import Context, Mention
from voice_engine.core.dialogue.language.text import Canonical

_RUN = re.compile(r"(?<![\d/:$€])(?:\+ )?\d+(?:(?: [-,.])? \d+)*(?![\d/:%])")
_MIN_PHONE, _MAX_PHONE = 7, 15  # E.164: at most 15 digits; the shortest national numbers in use have 7


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeGrammar:
    """How one language reads out codes.

    Attributes:
        cue: What comes before a code ("confirmation number is").
        phone_cue: What comes before a phone number.
        letters: Words of spelling alphabets and letter names.
        such_as: "as in", "for", "like" between a letter and its example, as words, the longest first.
        skip: Words inside a code that are not part of it ("dash").
        times_run: A string of digits that may be read as clock times.
    """

    cue: re.Pattern[str]
    phone_cue: re.Pattern[str]
    letters: Mapping[str, str]
    such_as: tuple[tuple[str, ...], ...]
    skip: frozenset[str]


def find_codes(canon: Canonical, work: str, grammar: CodeGrammar, context: Context) -> tuple[list[Mention], str]:
    """Confirmation codes after a cue, or anywhere when a code was asked for."""
    found: list[Mention] = []
    for match in grammar.cue.finditer(work):
        mention = _code_at(canon, work, match.end(), grammar)
        if mention is not None and not any(mention.start < m.end and m.start < mention.end for m in found):
            found.append(mention)
    if not found and context.expecting == "code":
        for start in canon.starts:
            mention = _code_at(canon, work, start, grammar)
            if mention is not None:
                found.append(mention)
                break
    for mention in found:
        work = _mask(work, mention)
    return found, work


def find_phones(work: str, grammar: CodeGrammar, context: Context) -> tuple[list[Mention], str]:
    """Phone numbers: seven digits or more, not a list of clock times."""
    found: list[Mention] = []
    for match in _RUN.finditer(work):
        digits = re.sub(r"\D", "", match.group())
        if not _MIN_PHONE <= len(digits) <= _MAX_PHONE:
            continue
        cued = (
            context.expecting == "phone" or "+" in match.group() or grammar.phone_cue.search(work[: match.start()])
        )
        if not cued and _may_be_times(match.group()):
            continue
        found.append(Mention("phone", _number(match.group(), context.region), *match.span()))
    for mention in found:
        work = _mask(work, mention)
    return found, work


def _number(run: str, region: str) -> str:
    """The number in a run of figures; "600 12 34…" may have been "612 34…" when only that is possible."""
    plus = "+" in run
    readings = [
        run,
        re.sub(r"\b([1-9])00 (\d\d)\b", r"\g<1>\2", run),
        re.sub(r"\b([1-9])00 (\d)\b", r"\g<1>0\2", run),
    ]
    numbers = [to_e164(re.sub(r"\D", "", reading), region, plus=plus) for reading in dict.fromkeys(readings)]
    return next((number for number in numbers if number.startswith("+")), numbers[0])


def to_e164(digits: str, region: str, *, plus: bool = False) -> str:
    """E.164 if the digits are a possible number of `region` or carry a country code, else the bare digits."""
    try:
        number = phonenumbers.parse(f"+{digits}" if plus else digits, region)
    except phonenumbers.NumberParseException:
        return digits
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        return digits
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _may_be_times(run: str) -> bool:
    """Whether the run is hours, some of them with minutes: "2 15 2 30 3 15"."""
    minutes = 0
    after_hour = False
    for figure in re.findall(r"\d+", run):
        value = int(figure)
        if after_hour and len(figure) == 2 and value % 5 == 0 and value < 60:
            minutes, after_hour = minutes + 1, False
        elif 1 <= value <= 12 and not figure.startswith("0"):
            after_hour = True
        else:
            return False
    return minutes > 0


def _code_at(canon: Canonical, work: str, position: int, grammar: CodeGrammar) -> Mention | None:
    """The code that begins at canonical offset `position`, if there is one."""
    index = next((i for i, start in enumerate(canon.starts) if start >= position), len(canon.starts))
    text, first, last = read_spelled(canon, index, grammar)
    if last is None or first is None or not _is_code(text):
        return None
    start, end = canon.starts[first], canon.starts[last] + len(canon.tokens[last].text)
    return Mention("code", text, start, end)


def _is_code(text: str) -> bool:
    return (len(text) >= 3 and (any(c.isdigit() for c in text) or len(text) >= 4)) or (
        len(text) == 2 and text.isdigit()
    )


def read_spelled(canon: Canonical, index: int, grammar: CodeGrammar) -> tuple[str, int | None, int | None]:
    """Letters and digits read out from token `index` on: (text, first token, last token)."""
    out: list[str] = []
    first: int | None = None
    last: int | None = None
    tokens = canon.tokens
    while index < len(tokens):
        piece, used = _piece(canon, index, grammar, started=bool(out))
        if used == 0:
            break
        if piece:
            out.append(piece)
            first = index if first is None else first
            last = index + used - 1
        index += used
    return "".join(out).upper(), first, last


def _piece(canon: Canonical, index: int, grammar: CodeGrammar, *, started: bool) -> tuple[str, int]:
    """One letter, figure or separator of a spelled string: (what it adds, tokens used; 0 ends the string)."""
    tokens = canon.tokens
    word = tokens[index].text
    if word.isdigit():
        return word, 1
    if word in grammar.skip:
        return "", 1
    letter = word if len(word) == 1 and word.isalpha() else grammar.letters.get(word, "")
    if letter:
        example = _example(canon, index, grammar)
        if example:
            return letter, example
        if len(word) > 1 or started or _next_is_spelled(canon, index, grammar):
            return letter, 1
        return "", 0
    raw = canon.source[tokens[index].start : tokens[index].end]
    glued = (
        index + 1 < len(tokens)
        and tokens[index + 1].start == tokens[index].end
        and tokens[index + 1].text.isdigit()
    )
    behind = index > 0 and tokens[index - 1].end == tokens[index].start and tokens[index - 1].text.isdigit()
    if word.isalpha() and ((raw.isupper() and len(word) <= 8) or ((glued or behind) and len(word) <= 4)):
        return word, 1
    return "", 0


def _example(canon: Canonical, index: int, grammar: CodeGrammar) -> int:
    """Tokens used by "a as in alpha" at `index`, 0 when it is not that."""
    words = [token.text for token in canon.tokens[index : index + 6]]
    at = 2 if len(words) > 1 and words[1] == "," else 1
    for such_as in grammar.such_as:
        end = at + len(such_as)
        if tuple(words[at:end]) == such_as and len(words) > end and len(words[end]) > 1:
            return end + 1
    return 0


def _next_is_spelled(canon: Canonical, index: int, grammar: CodeGrammar) -> bool:
    for token in canon.tokens[index + 1 :]:
        if token.text in grammar.skip:
            continue
        return token.text.isdigit() or len(token.text) == 1 or token.text in grammar.letters
    return False


def _mask(work: str, mention: Mention) -> str:
    return work[: mention.start] + "&" * (mention.end - mention.start) + work[mention.end :]
