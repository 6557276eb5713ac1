"""Voicemails, and what is to be done."""

import pytest

from tests.domains.inbound.test_messages import leave
from tests.fakes.business import add_business
from tests.fakes.inbound import TARGET
from tests.web.dashboard.desk.conftest import Desk


@pytest.fixture
async def message(line: Desk) -> str:
    """A message that somebody left; its id."""
    await line.rig.add_rule(action="voicemail")
    return await leave(line.rig)


async def test_a_message_is_played_and_marked(line: Desk, message: str) -> None:
    async with line.tab() as tab:
        html = await tab.get("/app/voicemails")
        audio = await tab.client.get(f"/app/voicemails/{message}/audio")
        heard = await tab.post(f"/app/voicemails/{message}/heard", {"heard": "yes"})
        left = await tab.get("/app/voicemails?show=unheard")
        again = await tab.post(f"/app/voicemails/{message}/heard", {"heard": "no"})

    assert "Not heard (1)" in html and "/app/calls/new?number=%2B12125550199" in html and "0:04" in html
    assert audio.status_code == 303
    assert audio.headers["location"].startswith(f"/media/voicemails/{message}?")
    assert "Mark as not heard" in heard.text and "All heard" in left
    assert "data-unheard" in again.text


async def test_a_message_is_deleted_and_its_call_stays(line: Desk, message: str) -> None:
    async with line.tab() as tab:
        gone = await tab.post(f"/app/voicemails/{message}/delete")
        html = await tab.get("/app/voicemails")
        again = await tab.post(f"/app/voicemails/{message}/delete")

    assert (gone.headers["HX-Redirect"], again.status_code) == ("/app/voicemails", 404)
    assert "No messages" in html


async def test_nobody_elses_message_is_heard(line: Desk, message: str) -> None:
    stranger = await add_business(line.store)
    async with line.tab(stranger) as tab:
        assert message not in await tab.get("/app/voicemails")
        audio = await tab.client.get(f"/app/voicemails/{message}/audio")
        others = [await tab.post(f"/app/voicemails/{message}/{path}") for path in ("heard", "delete")]
    async with line.tab() as tab:
        assert "Not heard (1)" in await tab.get("/app/voicemails")

    assert [answer.status_code for answer in (audio, *others)] == [404, 404, 404]


async def test_what_is_to_be_done_is_ticked_off_and_put_back(line: Desk) -> None:
    record = await line.rig.talk(next_steps=("Call back <now>.", "Send the list."))
    path = f"/app/actions/{record.call.id}/0"
    async with line.tab() as tab:
        html = await tab.get("/app/actions")
        ticked = await tab.post(path, {"done": "yes", "show": "open"})
        done = await tab.get("/app/actions?show=done")
        back = await tab.post(path, {"done": "no", "show": "all"})

    assert "To do (2)" in html and "Call back &lt;now&gt;." in html
    assert f'href="/app/calls/{record.call.id}' in html
    assert "To do (1)" in ticked.text and "&lt;now&gt;" not in ticked.text
    assert "&lt;now&gt;" in done and "Not done yet:" in done
    assert "To do (2)" in back.text


async def test_nobody_elses_list_is_shown_or_ticked(line: Desk) -> None:
    record = await line.rig.talk(TARGET, next_steps=("Call back.",))
    stranger = await add_business(line.store)
    async with line.tab(stranger) as tab:
        assert "Call back." not in await tab.get("/app/actions?show=all")
        answers = [
            await tab.post(f"/app/actions/{call}/{place}", {"done": "yes"})
            for call, place in ((record.call.id, "0"), ("x", "0"), (record.call.id, "x"))
        ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    async with line.tab() as tab:
        assert "To do (1)" in await tab.get("/app/actions")


async def test_what_waits_is_counted_for_the_tabs_and_told_at_home(line: Desk, message: str) -> None:
    record = await line.rig.talk(next_steps=("Call back.", "Send the list."))
    stranger = await add_business(line.store)
    async with line.tab() as tab:
        waiting, home = (await tab.ask("/app/waiting", method="GET")).json(), await tab.get("/app")
        await tab.post(f"/app/actions/{record.call.id}/0", {"done": "yes", "show": "open"})
        await tab.post(f"/app/voicemails/{message}/heard", {"heard": "yes"})
        less, after = (await tab.ask("/app/waiting", method="GET")).json(), await tab.get("/app")
    async with line.tab(stranger) as tab:
        theirs = (await tab.ask("/app/waiting", method="GET")).json()

    assert (waiting, less) == ({"voicemails": 1, "tasks": 2}, {"voicemails": 0, "tasks": 1})
    assert '<a href="/app/voicemails?show=unheard">1 voicemail not heard</a>' in home
    assert '<a href="/app/actions">2 things to do</a>' in home
    assert "not heard" not in after
    assert '<a href="/app/actions">1 thing to do</a>' in after
    assert theirs == {"voicemails": 0, "tasks": 0}
