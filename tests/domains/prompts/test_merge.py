"""Generated lines follow the settings; the owner's stay."""

import pytest

from voice_engine.domains.prompts.merge import Merged, merge
from voice_engine.domains.prompts.sections import Line


def _lines(text: str) -> tuple[Line, ...]:
    """`a=The first; b=The second`."""
    pairs = (each.split("=", 1) for each in text.split("; ") if each)
    return tuple(Line(key=key, text=line) for key, line in pairs)


BASE = _lines("a=Monday is nine; b=Tuesday is ten; c=Wednesday is closed")
M, W = "Monday is nine", "Wednesday is closed"
NEW = _lines("a=Monday is nine; b=Tuesday is noon; c=Wednesday is closed")


@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        (f"{M}|Tuesday is ten|{W}", f"{M}|Tuesday is noon|{W}"),
        (f"x|{M}|y|Tuesday is ten|z|{W}|w", f"x|{M}|y|Tuesday is noon|z|{W}|w"),
        (f"Monday is eight|Tuesday is ten|{W}", f"Monday is eight|Tuesday is noon|{W}"),
        ("Tuesday is ten", "Tuesday is noon"),
        (f"{W}|Tuesday is ten|{M}", f"{W}|Tuesday is noon|{M}"),
        ("Tuesday is ten|and|Tuesday is ten", "Tuesday is noon|and|Tuesday is noon"),
        (f"{M}|{W}", f"{M}|Tuesday is noon|{W}"),
        ("||", "Tuesday is noon|||"),
    ],
    ids=["untouched", "added", "changed elsewhere", "others deleted", "moved", "copied", "deleted", "emptied"],
)
def test_what_changed_is_told_and_what_was_added_stays(owner: str, expected: str) -> None:
    merged = merge(BASE, owner.split("|"), NEW)

    assert merged.lines == tuple(expected.split("|"))
    assert merged.displaced == ()


def test_a_line_that_both_changed_gives_way_and_is_given_back() -> None:
    merged = merge(BASE, ["Monday is nine", "On Tuesday ring twice", "Wednesday is closed"], NEW)

    assert merged == Merged(
        lines=("Monday is nine", "Tuesday is noon", "Wednesday is closed"), displaced=("On Tuesday ring twice",)
    )


def test_an_added_line_beside_a_changed_one_stays() -> None:
    owner = ["Monday is nine", "Ask for Jo", "Tuesday is ten, or so", "Bring cake", "Wednesday is closed"]

    merged = merge(BASE, owner, NEW)

    assert merged.lines == ("Monday is nine", "Ask for Jo", "Tuesday is noon", "Bring cake", "Wednesday is closed")
    assert merged.displaced == ("Tuesday is ten, or so",)


def test_a_label_says_which_line_it_is() -> None:
    base, new = _lines("m=- Monday: 9-17; t=- Tuesday: closed"), _lines("m=- Monday: 8-12; t=- Tuesday: closed")

    merged = merge(base, ["Our times:", "- Tuesday: closed", "- monday: whenever Jo is in"], new)

    assert merged.lines == ("Our times:", "- Tuesday: closed", "- Monday: 8-12")
    assert merged.displaced == ("- monday: whenever Jo is in",)


def test_what_is_no_longer_said_goes_and_the_owners_lines_stay() -> None:
    merged = merge(BASE, ["Monday is nine", "Park behind.", "Tuesday is ten-ish", "Wednesday is closed"], ())

    assert merged == Merged(lines=("Park behind.",), displaced=("Tuesday is ten-ish",))


def test_a_new_line_stands_behind_the_one_that_it_follows() -> None:
    new = _lines("z=Sunday is off; a=Monday is nine; aa=Monday is long; b=Tuesday is ten; c=Wednesday is closed")

    merged = merge(BASE, ["mine", "Monday is nine", "too", "Tuesday is ten", "Wednesday is closed"], new)

    assert merged.lines == (
        "mine", "Sunday is off", "Monday is nine", "Monday is long", "too", "Tuesday is ten", "Wednesday is closed",
    )  # fmt: skip


def test_the_same_text_again_changes_nothing() -> None:
    owner = ["Monday is whenever", "", "x", "Wednesday is closed"]

    assert merge(BASE, owner, BASE) == Merged(lines=tuple(owner))


def test_a_rewriting_says_everything_anew_but_keeps_what_was_added() -> None:
    merged = merge(BASE, ["Monday is whenever", "Wednesday is closed", "mine"], BASE, rewrite=True)

    assert merged.lines == ("Monday is nine", "Tuesday is ten", "Wednesday is closed", "mine")
    assert merged.displaced == ("Monday is whenever",)
