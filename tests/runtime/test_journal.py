"""What is written can be read, whole or not at all."""

from pathlib import Path

import pytest

from tests.fakes.call_rig import Call, ClipLine, Say, clip
from voice_engine.errors import InvalidInput
from voice_engine.runtime.journal import FileJournal, Journal, JournalEntry, MemoryJournal


def entry(call_id: str = "call-1", elapsed_ms: int = 5) -> JournalEntry:
    return JournalEntry(
        call_id=call_id,
        elapsed_ms=elapsed_ms,
        conversation={"version": 1, "slots": {"name": "José"}},
        turn_taking={"version": 1, "next_reply": 3},
        turns=({"index": 0, "speaker": "AI", "text": "Hi"},),
        next_sequence=7,
    )


@pytest.fixture(params=["memory", "file"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Journal:
    return MemoryJournal() if request.param == "memory" else FileJournal(tmp_path / "journal")


def test_the_newest_entry_comes_back(journal: Journal) -> None:
    journal.write(entry(elapsed_ms=5))
    journal.write(entry(elapsed_ms=9))

    assert journal.read("call-1") == entry(elapsed_ms=9)


def test_a_forgotten_call_is_gone(journal: Journal) -> None:
    journal.write(entry())
    journal.forget("call-1")
    journal.forget("call-1")

    assert journal.read("call-1") is None


def test_a_call_goes_on_and_ends_without_its_journal(tmp_path: Path) -> None:
    """The disk fills up in mid-call: nobody on the line notices."""

    class Vanishing(FileJournal):
        """Its folder goes after the first entry, and with it the place of the others."""

        written = 0

        def write(self, entry: JournalEntry) -> None:
            super().write(entry)
            self.written += 1
            self.forget(entry.call_id)
            (tmp_path / "journal").rmdir()

    journal = Vanishing(tmp_path / "journal")

    rig = Call(
        line=ClipLine(Say(clip()), Say(clip()), hang_up_after_ms=6_000),
        texts=["Where are you located?", "And when are you open?"],
        journal=journal,
    ).run()

    assert journal.written == 1
    assert [turn.speaker for turn in rig.report.turns] == ["AI", "HUMAN", "AI", "HUMAN", "AI"]
    assert rig.report.outcome.status == "completed"


def test_the_half_of_a_file_does_not_outlive_its_call(tmp_path: Path) -> None:
    """What was said must not stay behind where nobody looks for it."""
    journal = FileJournal(tmp_path)
    (tmp_path / "call-1.tmp").write_text("half of an en")

    journal.forget("call-1")

    assert list(tmp_path.iterdir()) == []


def test_another_version_is_refused() -> None:
    text = entry().to_json().replace('"version": 1, "call_id"', '"version": 99, "call_id"')

    with pytest.raises(InvalidInput) as refusal:
        JournalEntry.from_json(text)
    assert refusal.value.code == "journal_version"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 1'])
def test_garbage_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        JournalEntry.from_json(text)
    assert refusal.value.code == "journal_unreadable"


def test_a_call_id_cannot_leave_the_directory(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        FileJournal(tmp_path).read("../secrets")
