"""The assistant's page: greeting, name, voice, language, several assistants; gates and isolation."""

import pytest

from tests.web.dashboard.reception.rig import Desk
from voice_engine.domains.assistants.naming import spoken_name
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.voices.catalogue import CATALOGUE

PAGE = "/app/reception/assistant"


def _hidden(page: str, name: str) -> str:
    return page.split(f'name="{name}" value="')[1].split('"', maxsplit=1)[0]


async def test_a_greeting_is_saved_and_said_as_it_will_be_heard(desk: Desk) -> None:
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        form = {
            "mode": "assistant-speaks-first-with-model-generated-message",
            "text": "Bright Smile, good day!",
            "seen": _hidden(await tab.get(PAGE), "seen"),
        }
        saved = await tab.post(f"{PAGE}/greeting", form)
        page = await tab.get(f"{PAGE}?done=greeting")

    assert saved.headers["hx-redirect"] == f"{PAGE}?done=greeting#greeting"
    assistant = await desk.assistant(business)
    assert (assistant.first_message, assistant.first_message_mode) == ("Bright Smile, good day!", form["mode"])
    assert "Bright Smile, good day! You&#39;re speaking with an AI assistant." in page
    assert "a call that is up keeps what it began with" in page


async def test_our_greeting_stays_ours_when_only_the_mode_changes(desk: Desk) -> None:
    """Else it would not follow a new name of the business."""
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        page = await tab.get(PAGE)
        text = page.split("</textarea>")[0].rpartition(">")[2]
        await tab.post(
            f"{PAGE}/greeting",
            {"mode": "assistant-waits-for-user", "text": text, "seen": _hidden(page, "seen")},
        )

    assistant = await desk.assistant(business)
    assert (assistant.first_message, assistant.first_message_mode) == (None, "assistant-waits-for-user")


async def test_a_greeting_over_somebody_else_s_is_not_saved_and_not_lost(desk: Desk) -> None:
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        seen = _hidden(await tab.get(PAGE), "seen")
        for text in ("Theirs.", "Mine."):
            answer = await tab.post(
                f"{PAGE}/greeting", {"mode": "assistant-speaks-first", "text": text, "seen": seen}
            )

        assert answer.status_code == 409
        assert "Somebody else saved in the meantime" in answer.text
        assert ">Mine.</textarea>" in answer.text
        assert '<blockquote class="stands">Theirs.</blockquote>' in answer.text
        assert (await desk.assistant(business)).first_message == "Theirs."
        again = {"mode": "assistant-speaks-first", "text": "Mine.", "seen": _hidden(answer.text, "seen")}
        await tab.post(f"{PAGE}/greeting", again)
    assert (await desk.assistant(business)).first_message == "Mine."


async def test_while_writing_one_reads_what_will_be_heard(desk: Desk) -> None:
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        bare = await tab.post(f"{PAGE}/greeting/heard", {"text": "Good day."})
        honest = await tab.post(f"{PAGE}/greeting/heard", {"text": "Good day, this is the AI assistant."})

    assert "Good day. You&#39;re speaking with an AI assistant." in bare.text
    assert "is added because" in bare.text
    assert "is added because" not in honest.text


async def test_whoever_chooses_that_it_waits_reads_that_nothing_is_heard(desk: Desk) -> None:
    """The choice in the form, not the one that is saved; and once it is saved, the page."""
    business, greeting = await desk.add_business(), {"text": "Good day, this is the AI assistant."}
    waits = {"mode": "assistant-waits-for-user", **greeting}
    async with desk.tab(business) as tab:
        told = await tab.post(f"{PAGE}/greeting/heard", waits)
        back = await tab.post(f"{PAGE}/greeting/heard", {"mode": "assistant-speaks-first", **greeting})
        await tab.post(f"{PAGE}/greeting", {**waits, "seen": _hidden(await tab.get(PAGE), "seen")})
        page = await tab.get(PAGE)

    assert "Good day" not in told.text
    assert "it waits for the caller to speak" in told.text
    assert "Good day" in back.text
    assert "it waits for the caller to speak" in page


async def test_name_voice_and_language_are_saved(desk: Desk) -> None:
    business = await desk.add_business()
    async with desk.tab(business) as tab:
        await tab.post(f"{PAGE}/voice", {"voice": "ve-james"})
        await tab.post(f"{PAGE}/name", {"name": " Robin "})
        await tab.post(f"{PAGE}/language", {"language": "es"})
        refused = await tab.post(f"{PAGE}/name", {"name": "<b>"})

    assistant = await desk.assistant(business)
    assert (assistant.voice_id, spoken_name(assistant), assistant.language) == ("ve-james", "Robin", "es")
    assert (refused.status_code, "signs that are not allowed" in refused.text) == (422, True)
    async with desk.store.read(business.organization_id) as work:
        assert (await desk.service.read(work, assistant)).text.startswith("## Personalidad\nUsted es Robin")


@pytest.mark.parametrize(
    ("plan", "name", "voice"),
    [
        (Tier.FREE, False, False),
        (Tier.STARTER, False, False),
        (Tier.ADVANCED, False, True),
        (Tier.PRO, True, True),
        (Tier.ENTERPRISE, True, True),
    ],
)
async def test_a_plan_without_a_setting_explains_and_refuses(
    desk: Desk, plan: Tier, name: bool, voice: bool
) -> None:
    business = await desk.add_business(plan)
    async with desk.tab(business) as tab:
        page = await tab.get(PAGE)
        named = await tab.post(f"{PAGE}/name", {"name": "Robin"})
        voiced = await tab.post(f"{PAGE}/voice", {"voice": "ve-james"})

    assert page.count("Not in your plan") == 2 - name - voice
    assert (named.status_code, voiced.status_code) == (200 if name else 403, 200 if voice else 403)
    assistant = await desk.assistant(business)
    assert (spoken_name(assistant) == "Robin", assistant.voice_id == "ve-james") == (name, voice)


async def test_assistants_are_made_within_the_plan_led_and_deleted(desk: Desk) -> None:
    business = await desk.add_business(Tier.ADVANCED)
    async with desk.tab(business) as tab:
        made = await tab.post("/app/reception/assistants", {"name": "Evenings"})
        full = await tab.post("/app/reception/assistants", {"name": "Nights"})
        page = await tab.get(PAGE)
        first = await desk.assistant(business)
        second = page.split("/app/reception/assistants/")
        other = next(part[:36] for part in second[1:] if not part.startswith(first.id))
        await tab.post(f"/app/reception/assistants/{other}/rename", {"name": "Late desk"})
        await tab.post(f"/app/reception/assistants/{other}/primary")
        await tab.post(f"/app/reception/assistants/{first.id}/delete")
        after = await tab.get(PAGE)

    assert made.status_code == 200
    assert (full.status_code, "no room for another" in full.text) == (403, True)
    assert "Your Advanced plan has room for 2; Pro has more." in page
    assert (await desk.assistant(business)).name == "Late desk"
    assert first.id not in after, "who is deleted is on the page no more"


async def test_another_business_s_assistant_cannot_be_reached(desk: Desk) -> None:
    ours, theirs = await desk.add_business(), await desk.add_business()
    other = await desk.assistant(theirs)
    async with desk.tab(ours) as tab:
        for path in ("rename", "primary", "delete"):
            answer = await tab.post(f"/app/reception/assistants/{other.id}/{path}", {"name": "Ours"})
            assert answer.status_code == 404, path

    assert (await desk.assistant(theirs)).name == "Front desk"


async def test_without_an_assistant_the_page_offers_to_make_one(desk: Desk) -> None:
    business = await desk.add_business(assistant=False)
    async with desk.tab(business) as tab:
        assert "Create it" in await tab.get(PAGE)
        await tab.post("/app/reception/assistants", {"name": "Front desk"})
        assert "Greeting" in await tab.get(PAGE)


async def test_a_sample_plays_and_its_making_can_be_followed(desk: Desk) -> None:
    business = await desk.add_business()
    path = f"/app/reception/voices/{CATALOGUE[1].id}"
    async with desk.tab(business) as tab:
        sample = await tab.client.get(path)
        progress = await tab.client.get(f"{path}/progress")
        missing = await tab.client.get("/app/reception/voices/nobody", headers={"HX-Request": "true"})

    assert (sample.headers["content-type"], sample.content[:4]) == ("audio/wav", b"RIFF")
    assert "max-age" in sample.headers["cache-control"]
    assert progress.json() == {"spokenMs": None}
    assert missing.status_code == 404


async def test_the_page_is_in_spanish_for_who_reads_it(desk: Desk) -> None:
    business = await desk.add_business(Tier.FREE)
    async with desk.tab(business) as tab:
        page = await tab.get(f"{PAGE}?lang=es")

    assert "No está en tu plan" in page
    assert "Quien llama oye tu saludo enseguida" in page
