"""The audit by its page."""

import ast
import datetime as dt
import re
from pathlib import Path

import voice_engine
from tests.fakes.accounts import NOW
from tests.fakes.business import add_business
from tests.web.dashboard.settings.conftest import Rig
from voice_engine.domains.auditing.service import PAGE
from voice_engine.store import audit
from voice_engine.web.dashboard.settings.words.audit import WORDS

HOME = "/app/settings/audit"


async def note(rig: Rig, count: int, action: str = "some.deed") -> None:
    async with rig.store.begin(rig.business.organization_id) as work:
        for minute in range(count):
            at = NOW + dt.timedelta(minutes=minute)
            audit.record(work, action, actor=rig.business.user_id, at=at, facts={"n": minute, "events": ["a", "b"]})


async def test_pages_lead_from_the_newest_to_the_oldest(rig: Rig) -> None:
    await note(rig, PAGE + 3)
    async with rig.tab() as tab:
        first = await tab.get(HOME)
        older = re.search(r'rel="next" href="([^"]+)"', first)
        assert older is not None
        second = await tab.get(older[1].replace("&amp;", "&"))

    assert f"n: {PAGE + 2}<" in first
    assert "n: 2<" not in first
    assert "n: 2<" in second
    assert "Jane Smith" in first
    assert "events: a, b" in first
    assert 'rel="next"' not in second


async def test_a_filter_holds_for_the_next_page_and_the_table(rig: Rig) -> None:
    await note(rig, PAGE + 1, "wanted.deed")
    await note(rig, 1, "other.deed")
    async with rig.tab() as tab:
        page = await tab.get(f"{HOME}?action=wanted.deed")
        table = await tab.client.get(f"{HOME}.csv?action=wanted.deed")

    assert "action=wanted.deed" in page.split('rel="next"')[1].split(">")[0]
    assert table.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    assert table.text.count("wanted.deed") == PAGE + 1
    assert "other.deed" not in table.text


async def test_another_businesss_deeds_are_not_told(rig: Rig) -> None:
    await note(rig, 1)
    async with rig.tab(await add_business(rig.store, name="Other")) as tab:
        page, table = await tab.get(HOME), await tab.client.get(f"{HOME}.csv")

    assert "some.deed" not in page + table.text


async def test_a_mistyped_address_is_an_error_that_helps(rig: Rig) -> None:
    async with rig.tab() as tab:
        assert "Begin with the newest" in await tab.get(f"{HOME}?before=yesterday", status=400)


def deeds_of_source() -> set[str]:
    """Every action that the code notes, read from the calls that note one."""
    root, found = Path(voice_engine.__file__).parent, set[str]()
    for path in root.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        chosen = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "action"
        ]
        noted = [
            each
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in {"record", "_audit"}
            for each in node.args
        ]
        words = (leaf for each in (*chosen, *noted) for leaf in ast.walk(each) if isinstance(leaf, ast.Constant))
        texts = {word.value for word in words if isinstance(word.value, str)}
        found |= {text for text in texts if re.fullmatch(r"[a-z_]+\.[a-z_]+", text)}
    return found


def test_every_deed_has_words() -> None:
    deeds = deeds_of_source()

    assert {"session.started", "webhook.disabled", "consent.given", "call.taken_over"} <= deeds
    assert {deed for deed in deeds if f"deed_{deed}" not in WORDS["en"]} == set()


async def test_a_deed_is_said_with_its_code_beside(rig: Rig) -> None:
    await note(rig, 1, "session.started")
    async with rig.tab() as tab:
        english, spanish = await tab.get(HOME), await tab.get(f"{HOME}?lang=es")

    for page, words in ((english, "Signed in"), (spanish, "Sesión iniciada")):
        assert f'<option value="session.started">{words}</option>' in page
        assert f'{words} <code class="hint">session.started</code>' in page
