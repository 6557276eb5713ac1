"""A call's page: what it shows of every kind of call, and to whom."""

import datetime as dt
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from tests.fakes.accounts import Account, add_account
from tests.fakes.business import Business, add_business
from tests.fakes.calls import CallsRig, open_calls, report
from tests.fakes.dashboard import Tab, dashboard
from voice_engine.audio.wav import WavWriter
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.peaks import RecordingPeaks
from voice_engine.domains.calls.reporting import transcript_rows
from voice_engine.domains.calls.repository import calls as call_rows
from voice_engine.domains.calls.states import ENDS, CallState, Product
from voice_engine.domains.inbound.models import InboundCall, Voicemail
from voice_engine.domains.minutes.plans import Tier
from voice_engine.ports.call import EngineEvent, Evidence, TakenMessage, TranscriptTurn, TurnLatency
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id
from voice_engine.web.dashboard.calls.following import CallFollowing
from voice_engine.web.dashboard.calls.page_routes import EXTRA, CallPages

pytestmark = pytest.mark.store

TURNS = (
    TranscriptTurn(index=0, speaker="HUMAN", text="Nobu, <b>good</b> evening.", start_ms=900, end_ms=2500),
    TranscriptTurn(
        index=1,
        speaker="AI",
        text="Hello, I would like a table for four.",
        start_ms=3200,
        end_ms=5000,
        heard_text="Hello, I would like",
        interrupted=True,
        latency=TurnLatency(endpointing=560, stt=60, tts=90, engine=10, total=720),
    ),
    TranscriptTurn(index=2, speaker="HUMAN", text="Eight is fine.", start_ms=5200, end_ms=7000),
    TranscriptTurn(index=3, speaker="HUMAN", text="I take over.", start_ms=8000, end_ms=9000, agent=True),
)
EVENTS = [EngineEvent(sequence=1, at_ms=2600, type="speech.ended", facts={"speech": ((900, 2500),), "kept": True})]


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> CallsRig:
    return await open_calls(store, tmp_path)


@asynccontextmanager
async def page_of(rig: CallsRig, who: Account | Business | None) -> AsyncIterator[Tab]:
    """The web app with a page of calls."""
    pages = CallPages(
        blobs=rig.blobs,
        peaks=RecordingPeaks(rig.store, rig.blobs),
        following=CallFollowing(rig.store, rig.bus, now=rig.clock),
    )
    async with dashboard(rig.store, who, extras={EXTRA: pages}, now=rig.clock) as tab:
        yield tab


async def _booked(rig: CallsRig, tmp_path: Path, *, recorded: bool = True, **outcome: Any) -> Call:
    """A call in which a table was booked, its recording kept."""
    call, _ = await rig.answered()
    file = tmp_path / "recording.wav"
    with WavWriter(file, channels=2) as writer:
        writer.write(np.full((16_000, 2), 9000, np.int16).tobytes())
    facts = {
        "agreed": {"date": "2026-02-14", "time": "20:00", "party_size": 4, "pets_allowed": True},
        "evidence": {"time": Evidence(turn=2, start_ms=5200, end_ms=7000)},
        **outcome,
    }
    said = replace(report(call.id, **facts), turns=TURNS)
    assert await rig.lifecycle.finish(call.id, said, file if recorded else None, events=EVENTS)
    await rig.jobs.run_due()
    return await rig.call(call.id)


async def _row(rig: CallsRig, **columns: Any) -> Call:
    """A call as some other part of the service left it."""
    now = rig.clock()
    values = {
        "id": new_id(),
        "product": Product.KALLY,
        "direction": "inbound",
        "from_number": "+14155550123",
        "to_number": "+15005550006",
        "status": CallState.COMPLETED,
        "created_at": now,
        "started_at": now,
        "ended_at": now,
        "timezone": "America/New_York",
        "language": "en",
        "app_language": "en",
        "max_seconds": 900,
        **columns,
    }
    organization = values.pop("organization_id", rig.account.organization_id)
    async with rig.store.begin(organization) as work:
        return await call_rows.add_call(work, Call(**values))


async def test_everything_of_a_finished_call(rig: CallsRig, tmp_path: Path) -> None:
    call = await _booked(rig, tmp_path)
    async with page_of(rig, rig.account) as tab:
        page = await tab.get(f"/app/calls/{call.id}")

    assert "<title>Call with Nobu" in page
    assert "Goal reached" in page
    assert "1.2 credits" in page
    assert "Reserved a table for 4 at 8pm on Feb 14." in page
    assert "Confirmation number 12345." in page
    assert "Feb 14, 2026" in page
    assert re.search(r"8:00\s?PM", page)
    assert "Pets allowed" in page
    assert "Nobu, &lt;b&gt;good&lt;/b&gt; evening." in page
    assert "Answers: median 720 ms" in page
    assert f'href="/app/calls/new?again={call.id}"' in page
    assert page.count('class="line ') == 4
    assert "Your team" in page


async def test_what_was_generated_and_not_heard_is_struck_through(rig: CallsRig, tmp_path: Path) -> None:
    call = await _booked(rig, tmp_path)
    async with page_of(rig, rig.account) as tab:
        page = await tab.get(f"/app/calls/{call.id}")

    (struck,) = re.findall(r"<s>(.*?)</s>", page, re.DOTALL)
    assert re.sub(r"<[^>]*>", "", struck).split() == ["not", "heard:", "a", "table", "for", "four."]
    assert "interrupted" in page


async def test_an_agreed_fact_leads_to_the_moment_at_which_it_was_said(rig: CallsRig, tmp_path: Path) -> None:
    """One that the other party never said has no such link."""
    call = await _booked(rig, tmp_path)
    async with page_of(rig, rig.account) as tab:
        page = await tab.get(f"/app/calls/{call.id}")

    assert re.findall(r'data-seek="(\d+)" data-goto="(\d+)"', page) == [("5200", "2")]


async def test_the_time_axis_and_the_outline(rig: CallsRig, tmp_path: Path) -> None:
    call = await _booked(rig, tmp_path)
    async with page_of(rig, rig.account) as tab:
        axis = (await tab.ask(f"/app/calls/{call.id}/axis", method="GET")).json()
        peaks = (await tab.ask(f"/app/calls/{call.id}/peaks", method="GET")).json()

    assert axis["lines"] == [[0, 900, 2500, 0], [1, 3200, 5000, 1], [2, 5200, 7000, 0], [3, 8000, 9000, 2]]
    assert axis["latency"] == {"1": [560.0, 60.0, 0.0, 0.0, 90.0, 10.0, 720.0]}
    assert axis["timeline"]["human"] == [900, 1600]
    assert axis["facts"] == [["time", 5200, 2]]
    assert (peaks["count"], len(peaks["channels"])) == (100, 2)


async def test_the_audio_comes_in_ranges_and_as_a_download(rig: CallsRig, tmp_path: Path) -> None:
    call = await _booked(rig, tmp_path)
    path = f"/app/calls/{call.id}/audio"
    async with page_of(rig, rig.account) as tab:
        whole = await tab.client.get(path)
        part = await tab.client.get(path, headers={"Range": "bytes=44-143"})
        download = await tab.client.get(f"{path}?download")

    assert (whole.status_code, whole.headers["accept-ranges"]) == (200, "bytes")
    assert (part.status_code, part.content) == (206, whole.content[44:144])
    assert download.headers["content-disposition"].startswith("attachment")


async def test_what_can_be_taken_away(rig: CallsRig, tmp_path: Path) -> None:
    call = await _booked(rig, tmp_path)
    async with page_of(rig, rig.account) as tab:
        calendar = await tab.client.get(f"/app/calls/{call.id}/calendar")
        whole = await tab.client.get(f"/app/calls/{call.id}/json")

    assert calendar.text.startswith("BEGIN:VCALENDAR")
    about = orjson.loads(whole.content)
    assert [line["speaker"] for line in about["transcript"]] == ["HUMAN", "AI", "HUMAN", "Agent"]
    assert about["transcript"][1]["latency_ms"]["total"] == 720.0
    assert about["timeline"]["human"] == [900, 1600]
    assert about["agreed"]["party_size"] == 4


async def test_a_message_that_was_taken(rig: CallsRig, tmp_path: Path) -> None:
    message = TakenMessage(name="Mary", phone="+14155550123", text="Please call me back.")
    call = await _booked(rig, tmp_path, message=message, citations=("parking",))
    async with page_of(rig, rig.account) as tab:
        page = await tab.get(f"/app/calls/{call.id}")

    assert "Please call me back." in page
    assert "From Mary, +14155550123" in page
    assert "parking" in page


async def test_nobody_sees_another_organizations_call(rig: CallsRig, tmp_path: Path) -> None:
    call = await _booked(rig, tmp_path)
    bob = await add_account(rig.store, "Bob")
    parts = ("", "/axis", "/peaks", "/audio", "/voicemail", "/calendar", "/json", "/events")
    async with page_of(rig, bob) as tab:
        answers = [await tab.client.get(f"/app/calls/{call.id}{part}") for part in parts]
        unknown = await tab.client.get("/app/calls/not-an-id")
    async with page_of(rig, None) as tab:
        strangers = [await tab.client.get(f"/app/calls/{call.id}{part}") for part in parts]

    assert {answer.status_code for answer in (*answers, unknown)} == {404}
    assert {answer.status_code for answer in strangers} == {303}


SOON = dt.datetime(2026, 2, 14, 15, tzinfo=dt.UTC)
LACKS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "scheduled": (
        {
            "status": CallState.SCHEDULED,
            "scheduled_for": dt.datetime(2026, 2, 14, 15, tzinfo=dt.UTC),
            "ended_at": None,
        },
        ("This call is scheduled", "Feb 14, 2026"),
    ),
    "queued": ({"status": CallState.QUEUED, "ended_at": None}, ("This call waits for a free line",)),
    "failed": ({"status": CallState.FAILED, "ended_reason": "carrier_failed"}, ("Failed", "The carrier could not")),
    "missed": ({"status": CallState.MISSED, "ended_reason": "no_answer"}, ("Missed", "Nobody was on the line.")),
    "external": (
        {
            "external_id": "x1",
            "duration_ms": 61_000,
            "outcome": {"recording_url": "https://storage.example.com/x.wav"},
        },
        ('href="https://storage.example.com/x.wav"', "Another provider held this call"),
    ),
    "handed on": ({"handled_by": "transfer", "duration_ms": 61_000}, ("connected elsewhere",)),
    "declined": (
        {"answered_at": dt.datetime(2026, 2, 13, tzinfo=dt.UTC), "outcome": {"recording_declined": True}},
        ("did not want to be recorded", "Nothing was said."),
    ),
    "not recorded": (
        {"answered_at": dt.datetime(2026, 2, 13, tzinfo=dt.UTC), "outcome": {"status": "x"}, "record": False},
        ("recording switched off",),
    ),
    "erased": (
        {"answered_at": dt.datetime(2026, 2, 13, tzinfo=dt.UTC), "from_number": None},
        ("was erased", "Withheld number"),
    ),
    "on its way": (
        {"answered_at": dt.datetime(2026, 2, 13, tzinfo=dt.UTC), "outcome": {"status": "x"}, "recording_ms": 900},
        ("The recording is being stored",),
    ),
    "lost": (
        {"answered_at": dt.datetime(2026, 2, 13, tzinfo=dt.UTC), "outcome": {"status": "x"}},
        ("The recording could not be stored.",),
    ),
}


@pytest.mark.parametrize("kind", LACKS)
async def test_a_call_without_recording_or_transcript_says_why(rig: CallsRig, kind: str) -> None:
    columns, texts = LACKS[kind]
    call = await _row(rig, **columns)
    async with page_of(rig, rig.account) as tab:
        page = await tab.get(f"/app/calls/{call.id}")
        spanish = await tab.get(f"/app/calls/{call.id}?lang=es")
        audio = await tab.client.get(f"/app/calls/{call.id}/audio")

    for text in texts:
        assert text in page
    assert '<html lang="es"' in spanish
    assert audio.status_code == 404


async def test_a_call_in_every_state_has_a_page_in_both_languages(rig: CallsRig) -> None:
    """A state without a word would be a fault of the page."""
    async with page_of(rig, rig.account) as tab:
        for state in CallState:
            ended = rig.clock() if state in ENDS else None
            call = await _row(rig, status=state, ended_at=ended, direction="outbound", task_outcome="unclear")
            for language in ("en", "es"):
                await tab.get(f"/app/calls/{call.id}?lang={language}")


async def test_a_call_that_waits_is_moved_and_withdrawn_from_its_page(rig: CallsRig) -> None:
    later = rig.clock() + dt.timedelta(days=1)
    waits = {"status": CallState.SCHEDULED, "started_at": None, "ended_at": None, "scheduled_for": later}
    ours = await _row(rig, direction="outbound", to_number="+14155550123", **waits)
    theirs = await _row(rig, direction="outbound", external_id=new_id(), **waits)
    async with page_of(rig, rig.account) as tab:
        page = await tab.get(f"/app/calls/{ours.id}")
        other = await tab.get(f"/app/calls/{theirs.id}")

    assert f'href="/app/calls/{ours.id}/reschedule"' in page
    assert f'action="/app/calls/{ours.id}/cancel"' in page
    assert "It will be dialled" in page
    assert f"/app/calls/{theirs.id}/cancel" not in other


async def test_a_missed_caller_is_called_back_from_the_page(rig: CallsRig) -> None:
    missed = await _row(rig, status=CallState.MISSED)
    async with page_of(rig, rig.account) as tab:
        assert "/app/calls/new?number=%2B14155550123" in await tab.get(f"/app/calls/{missed.id}")


async def test_the_page_names_what_occurs_and_says_it_once(rig: CallsRig, tmp_path: Path) -> None:
    """No model worded anything, nothing was dropped as noise; "Goal reached" says that it is done."""
    call = await _booked(rig, tmp_path)
    async with page_of(rig, rig.account) as tab:
        page = await tab.get(f"/app/calls/{call.id}")

    shown = re.findall(r'<li class="of-(\w+)">', page)
    assert shown == ["human", "endpointing", "stt", "tts", "engine"]
    assert re.findall(r'<span class="chip good">([^<]+)</span>', page) == ["Goal reached"]


async def test_a_message_after_the_tone_can_be_heard(rig: CallsRig, tmp_path: Path) -> None:
    call = await _row(rig, status=CallState.VOICEMAIL, handled_by="voicemail")
    (tmp_path / "m.wav").write_bytes(b"RIFFmessage")
    await rig.blobs.put_file("v/1.wav", tmp_path / "m.wav")
    async with rig.store.begin(rig.account.organization_id) as work:
        work.session.add_all(
            [
                InboundCall(call_id=call.id, number_id=new_id(), caller_name="Mary", decision={}),
                Voicemail(
                    id=new_id(),
                    call_id=call.id,
                    recording_sid="RE1",
                    blob_key="v/1.wav",
                    duration_ms=4000,
                    transcript="It is about my tooth.",
                    created_at=rig.clock(),
                ),
            ]
        )
    async with page_of(rig, rig.account) as tab:
        page = await tab.get(f"/app/calls/{call.id}")
        audio = await tab.client.get(f"/app/calls/{call.id}/voicemail")

    assert "It is about my tooth." in page
    assert "<h1" in page
    assert "Mary" in page
    assert audio.content == b"RIFFmessage"


@pytest.mark.parametrize(("plan", "words", "audio"), [(Tier.STARTER, False, 404), (Tier.PRO, True, 200)])
async def test_a_business_sees_what_its_plan_includes(
    rig: CallsRig, tmp_path: Path, plan: Tier, words: bool, audio: int
) -> None:
    """What it does not is kept all the same; a business pays in minutes."""
    office = await add_business(rig.store, plan, now=rig.clock())
    (tmp_path / "r.wav").write_bytes(b"RIFF")
    await rig.blobs.put_file("o/r.wav", tmp_path / "r.wav")
    call = await _row(
        rig,
        organization_id=office.organization_id,
        product=Product.EPOCH,
        answered_at=rig.clock(),
        duration_ms=90_000,
        outcome={"status": "completed"},
        recording_key="o/r.wav",
        recording_ms=90_000,
    )
    async with rig.store.begin(office.organization_id) as work:
        work.session.add_all(transcript_rows(call, TURNS))
    async with page_of(rig, office) as tab:
        page = await tab.get(f"/app/calls/{call.id}")
        axis = (await tab.ask(f"/app/calls/{call.id}/axis", method="GET")).json()
        answer = await tab.client.get(f"/app/calls/{call.id}/audio")

    assert ("Eight is fine." in page) == words
    assert (len(axis["lines"]) > 0) == words
    assert answer.status_code == audio
    assert "1.5 min" in page
    assert ("Your plan shows no transcripts" in page) != words


async def test_a_live_call_has_its_place_in_the_events(rig: CallsRig) -> None:
    """The browser goes on from there: nothing between page and stream is missed."""
    call, _ = await rig.answered()
    async with page_of(rig, rig.account) as tab:
        page = await tab.get(f"/app/calls/{call.id}")

    assert 'data-stage="live"' in page
    assert int(re.findall(r'data-after="(\d+)"', page)[0]) > 0
    assert "On the line" in page
    assert "Nothing has been said yet" in page
