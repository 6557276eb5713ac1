"""A question without a call: what is said is what the next call would say, from its settings and its knowledge."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fakes.accounts import NOW
from tests.web.dashboard.reception.rig import Desk, open_desk
from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.answering.composing import Occasion
from voice_engine.domains.answering.rehearsing import Rehearsed, rehearse
from voice_engine.domains.answering.service import Answering
from voice_engine.domains.inbound.composing import Wishes
from voice_engine.domains.knowledge.searching import find
from voice_engine.ports.call import Language
from voice_engine.store.engine import Store

pytestmark = pytest.mark.store

FAQS = "# Parking\nParking is free behind the building.\n\n# Prices\nA cleaning costs ninety dollars.\n"
WEEK = {day: {"open": "09:00", "close": "17:00"} for day in ("monday", "tuesday", "wednesday", "thursday")}


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return open_desk(store, tmp_path)


@asynccontextmanager
async def _asked(
    desk: Desk, question: str, language: Language = "en", *, faqs: str = FAQS
) -> AsyncIterator[Rehearsed]:
    business = await desk.add_business()
    await desk.knowledge.put(business.organization_id, "faqs", text=faqs, file_id=None, file_name=None)
    async with desk.store.begin(business.organization_id) as work:
        await desk.prompts.business.set_hours(work, WEEK, None, author="test")
    async with desk.store.read(business.organization_id) as work:
        assistant = await desk.assistants.primary(work)
        organization = await accounts.get_organization(work, business.organization_id)
        occasion = Occasion(
            call_id="rehearsal", direction="inbound", at=NOW + dt.timedelta(hours=1), other=None, max_seconds=360
        )
        spec = await Answering(desk.service, desk.minutes).spec(
            work, organization, assistant, occasion=occasion, wishes=Wishes(language=language)
        )
        yield await rehearse(spec, question, lambda query: find(work, assistant.id, query, limit=3))


async def test_a_question_is_answered_by_the_passage_that_fits(desk: Desk) -> None:
    async with _asked(desk, "Hi, do you have parking?") as answer:
        assert answer.answer == "Parking is free behind the building."
        assert answer.answer in answer.said[0]
        assert (answer.found[0].passage.key, answer.found[0].file_name) == ("faqs", "faqs.md")
        assert answer.found[0].heading == "Parking"


async def test_a_question_in_spanish_is_understood(desk: Desk) -> None:
    async with _asked(desk, "¿Tienen aparcamiento?", "es") as answer:
        assert answer.answer == "Parking is free behind the building."


async def test_settings_answer_before_knowledge_does(desk: Desk) -> None:
    async with _asked(desk, "What are your opening hours?") as answer:
        assert answer.query is None
        assert "Monday" in " ".join(answer.said)


async def test_what_nobody_wrote_down_is_not_made_up(desk: Desk) -> None:
    async with _asked(desk, "Do you sell gift vouchers?") as answer:
        assert (answer.found, answer.answer) == ((), "")
        assert "message" in " ".join(answer.said)
