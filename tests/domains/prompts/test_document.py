"""The law of the prompt: settings write their sections and nothing else, in any order, however it was rewritten."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domains.prompts.subjects import ACME, WEEK, rendered, renderings
from voice_engine.domains.prompts.document import Document
from voice_engine.domains.prompts.sections import ORDER, TITLES, Rendering, SectionKey, Subject
from voice_engine.domains.prompts.templates import WEEKDAYS, render

pytestmark = pytest.mark.slow

words = st.text("abcdefghijklmnop ñé:-#*", min_size=1, max_size=30).map(str.strip).filter(bool)
times = st.tuples(st.integers(0, 23), st.sampled_from([0, 30])).map(lambda at: f"{at[0]:02}:{at[1]:02}")
spans = st.one_of(
    st.just({"closed": True}), st.fixed_dictionaries({"open": times, "close": times}), st.just(WEEK["friday"])
)

SETTINGS: Mapping[SectionKey, st.SearchStrategy[dict[str, Any]]] = {
    SectionKey.PERSONA: st.fixed_dictionaries({"assistant": st.sampled_from(["Savannah", "Luna", "Mr. Müller"])}),
    SectionKey.CONTEXT: st.fixed_dictionaries(
        {
            "description": st.sampled_from([None, "A bakery.", "Dentists\n## of old"]),
            "site": st.sampled_from([None, "https://acme.example"]),
            "business_type": st.sampled_from([None, "bakery"]),
        }
    ),
    SectionKey.HOURS: st.fixed_dictionaries(
        {
            "hours": st.one_of(st.none(), st.dictionaries(st.sampled_from(WEEKDAYS), spans, max_size=4)),
            "timezone": st.sampled_from(["America/New_York", "Europe/Madrid"]),
        }
    ),
    SectionKey.ADDRESS: st.fixed_dictionaries({"address": st.sampled_from([None, "5 Oak Ave", "Calle Mayor, 3"])}),
    SectionKey.HANDLING: st.fixed_dictionaries(
        {"transfer_number": st.sampled_from([None, "+15559876543", "+34911234567"])}
    ),
    SectionKey.TOOLS: st.fixed_dictionaries(
        {"tools": st.sets(st.sampled_from(["search_knowledge", "check_availability"])).map(frozenset)}
    ),
}

updates = st.lists(
    st.sampled_from(ORDER).flatmap(lambda key: st.tuples(st.just(key), SETTINGS[key])), min_size=1, max_size=6
)


@dataclass(frozen=True, kw_only=True)
class Rewritten:
    """A prompt that its owner edited. `added`: lines of the owner's that stand between untouched neighbours."""

    subject: Subject
    document: Document
    added: tuple[str, ...]


@st.composite
def rewritten(draw: st.DrawFn, *, deletes: bool = True) -> Rewritten:
    """Lines put in, deleted, changed and moved, anywhere; perhaps with the line ends of another system."""
    subject = ACME
    for _, changes in draw(updates):
        subject = replace(subject, **changes)
    subject = replace(subject, language=draw(st.sampled_from(["en", "es"])))
    document = Document.first(renderings(subject))
    edits = st.sampled_from(["keep"] * 6 + ["add", "change"] + ["delete"] * deletes)
    lines, added, untouched = [], [], True
    for index, line in enumerate(document.text.splitlines()):
        edit = draw(edits) if line.strip() and not line.startswith("##") else "keep"
        if edit == "delete":
            untouched = False
            continue
        if edit == "change":
            lines.append(f"{line} {draw(words)}")
            untouched = False
            continue
        if edit == "add":
            own = f"own {index} {draw(words)}"
            lines.append(own)
            if untouched:
                added.append(own)
        lines.append(line)
        untouched = True
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    return Rewritten(subject=subject, document=document.replaced(ending.join(lines)), added=tuple(added))


def _apply(subject: Subject, document: Document, changes: list[tuple[SectionKey, dict[str, Any]]]) -> Document:
    for key, change in changes:
        subject = replace(subject, **change)
        document = document.with_latest({key: render(key, subject)})
    return document


def _parts(text: str) -> dict[str, str]:
    """The text under each heading, ours and the owner's, and the one before any."""
    parts: dict[str, list[str]] = {"": []}
    name = ""
    for line in text.splitlines(keepends=True):
        if line.startswith("## "):
            name = line.strip()
        parts.setdefault(name, []).append(line)
    return {name: "".join(lines).rstrip() for name, lines in parts.items()}


@settings(deadline=None)
@given(rewritten(), updates)
def test_settings_put_back_give_the_owners_text_back(owned: Rewritten, changes: Any) -> None:
    changed = _apply(owned.subject, owned.document, changes)

    back = changed.with_latest(renderings(owned.subject))

    assert back.text == owned.document.text


@settings(deadline=None)
@given(rewritten(), updates)
def test_the_same_data_again_changes_nothing(owned: Rewritten, changes: Any) -> None:
    changed = _apply(owned.subject, owned.document, changes)

    again = changed.with_latest({key: changed.latest[key] for key, _ in changes})

    assert again.text == changed.text


@settings(deadline=None)
@given(rewritten(), updates, st.randoms())
def test_the_order_of_settings_does_not_matter(owned: Rewritten, changes: Any, random: Any) -> None:
    last = {key: render(key, replace(owned.subject, **change)) for key, change in changes}
    shuffled = list(last.items())
    random.shuffle(shuffled)

    one_way, other_way = owned.document, owned.document
    for key, rendering in last.items():
        one_way = one_way.with_latest({key: rendering})
    for key, rendering in shuffled:
        other_way = other_way.with_latest({key: rendering})

    assert one_way.text == other_way.text


@settings(deadline=None)
@given(rewritten(), updates)
def test_no_other_section_changes(owned: Rewritten, changes: Any) -> None:
    key, change = changes[0]
    changed = _apply(owned.subject, owned.document, [(key, change)])

    before, after = _parts(owned.document.text), _parts(changed.text)
    touched = {f"## {title}" for titles in TITLES.values() for title in [titles[key]]}
    for name in before.keys() - touched:
        if f"## {TITLES[owned.subject.language][key]}" in after or name in after:
            assert _starts_alike(before[name], after[name], cleared=touched.isdisjoint(after))


def _starts_alike(before: str, after: str, *, cleared: bool) -> bool:
    """Equal; behind a part whose neighbour was cleared the owner's lines of that one may follow."""
    return before == after or (cleared and after.startswith(before))


@settings(deadline=None)
@given(rewritten(), updates)
def test_lines_that_were_added_stay(owned: Rewritten, changes: Any) -> None:
    changed = _apply(owned.subject, owned.document, changes)

    assert [line for line in changed.text.splitlines() if line in owned.added] == list(owned.added)


@settings(deadline=None)
@given(rewritten(), updates)
def test_facts_that_changed_are_told_and_old_ones_are_not(owned: Rewritten, changes: Any) -> None:
    changed = _apply(owned.subject, owned.document, changes)
    lines = changed.text.splitlines()

    for key, _ in changes:
        old, new = _texts(owned.document.latest[key]), _texts(changed.latest[key])
        stale = {text for name, text in old.items() if new.get(name) != text} - set(new.values())
        assert not [line for line in lines for text in stale if line == text or line.startswith(f"{text} ")]
        assert set(lines) >= {text for name, text in new.items() if old.get(name) != text}


def _texts(rendering: Rendering | None) -> dict[str, str]:
    return {line.key: line.text for line in rendering.lines} if rendering else {}


@settings(deadline=None)
@given(rewritten(deletes=False))
def test_every_section_with_something_to_say_is_found_again(owned: Rewritten) -> None:
    present = {key for key, rendering in owned.document.latest.items() if rendering is not None}

    assert set(owned.document.composed.present) == present


def test_a_rewriting_is_the_owners_text_from_then_on() -> None:
    first = Document.first(renderings(ACME))
    owned = first.replaced(first.text.replace("Be warm, calm and brief", "Be loud").replace("plain", "big"))

    anew, composed = owned.rewritten({SectionKey.PERSONA: rendered(SectionKey.PERSONA)})

    assert anew.text == first.text
    assert len(composed.displaced[SectionKey.PERSONA]) == 1
    assert anew.with_latest(renderings(ACME)).text == first.text
