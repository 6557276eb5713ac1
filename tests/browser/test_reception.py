"""A business sets its reception up as its owner does: with a mouse, by keyboard, and looks at what it did."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import Watched, watched
from tests.browser.conftest import Place
from tests.e2e.business import Office, in_office, open_office
from tests.e2e.serving import until
from tests.fakes.documents import scanned_pdf, two_column_pdf

RECEPTION = "/app/reception"
FAQS = """Q: Where can I park?
A: Parking is free behind the building, entrance on Elm Street.
Q: Do you take credit cards?
A: We accept all credit cards except American Express.
"""
PRICES = [
    "A cleaning costs ninety dollars and takes forty minutes.",
    "Whitening takes about ninety minutes and costs 240 dollars.",
    "Implants are placed by Doctor Ruiz on Thursdays.",
]


@pytest.fixture(scope="module")
def office(place: Place) -> Office:
    """The business, with an assistant and something that callers may ask about."""
    furnish(
        place.url,
        place.business,
        ("POST", "/api/assistants", {"vapiAssistantId": "bright-smile", "name": "Front desk"}),
        ("PUT", "/api/business-address", {"businessAddress": "120 Elm Street, Springfield"}),
        (
            "PUT",
            "/api/business-info",
            {"businessType": "dental_office", "businessDescription": "Family dentistry since 1998."},
        ),
        ("PUT", "/api/kb", {"sectionKey": "faqs", "text": FAQS}),
    )
    return place.business


def furnish(url: str, office: Office, *changes: tuple[str, str, dict[str, str]]) -> None:
    """What an owner has done by the API before."""
    with httpx2.Client(base_url=url, headers={"Cookie": office.cookie}, timeout=60.0) as api:
        for method, path, body in changes:
            answer = api.request(method, path, json=body)
            assert answer.status_code in {200, 201}, answer.text


@pytest.fixture
async def desk(place: Place, office: Office, browser: Browser) -> AsyncIterator[Watched]:
    """Its owner's tab. Whatever a test does, it ends without a fault."""
    async with watched(browser, place.url, cookies=place.office) as tab:
        yield tab
        await tab.check()


async def _prompt(place: Place, office: Office) -> str:
    async with in_office(place.served, office) as api:
        return str((await api.get("/api/prompt")).json()["systemPrompt"])


async def test_hours_are_set_and_the_next_call_has_them(place: Place, office: Office, desk: Watched) -> None:
    page = await desk.goto(f"{RECEPTION}/business")

    monday = page.get_by_role("group", name="Monday")
    await monday.get_by_label("Monday: opens").fill("08:30")
    await monday.get_by_label("Monday: closes").fill("18:00")
    await monday.get_by_role("button", name="Copy to all").click()
    await page.get_by_role("group", name="Sunday").get_by_label("Closed").check()
    friday = page.get_by_role("group", name="Friday")
    await friday.get_by_label("Friday: closes").fill("01:00")
    await expect(friday.get_by_text("until the next day")).to_be_visible()
    await page.get_by_label("Time zone").select_option("Europe/Madrid")
    await expect(page.locator("[data-zone-now]")).to_contain_text("there now")
    await page.get_by_role("button", name="Save hours").click()

    await expect(page.get_by_text("The hours are saved. The next call has it")).to_be_visible()
    prompt = await _prompt(place, office)
    for line in ("- Tuesday: 08:30-18:00", "- Friday: 08:30-01:00 (until the next day)", "- Sunday: closed"):
        assert line in prompt
    await page.goto(f"{place.url}{RECEPTION}/knowledge")
    await page.get_by_label("A caller's question").fill("When are you open?")
    await page.get_by_role("button", name="Ask", exact=True).click()
    await expect(page.locator("#would-say")).to_contain_text("eight thirty")


async def test_a_pdf_is_uploaded_and_answers_a_question(desk: Watched, tmp_path: Path) -> None:
    page = await desk.goto(f"{RECEPTION}/knowledge")
    (tmp_path / "Price list.pdf").write_bytes(two_column_pdf(PRICES))
    (tmp_path / "Scan.pdf").write_bytes(scanned_pdf())
    desk.expected = {400}

    await page.get_by_label("Choose files").set_input_files([tmp_path / "Price list.pdf", tmp_path / "Scan.pdf"])

    await expect(page.get_by_text("Ready as “Price List”")).to_be_visible(timeout=30_000)
    await expect(page.get_by_text("scanned pages are pictures")).to_be_visible(timeout=30_000)
    await expect(page.locator("#sections").get_by_text("Price list.pdf")).to_be_visible()
    await page.get_by_label("A caller's question").fill("how much does whitening cost")
    await page.keyboard.press("Enter")
    await expect(page.locator("#would-say")).to_contain_text("240 dollars")
    first = page.locator(".passages li.first")
    await expect(first.get_by_text("Price list.pdf")).to_be_visible()
    await expect(first.locator("mark", has_text="Whitening")).to_be_visible()
    await page.get_by_label("Spoken with callers").select_option("es")
    await page.get_by_label("A caller's question").fill("¿tienen aparcamiento?")
    await page.keyboard.press("Enter")
    await expect(page.locator("#would-say")).to_contain_text("Parking is free behind the building")


async def test_a_file_is_dropped_renamed_and_deleted(desk: Watched) -> None:
    page = await desk.goto(f"{RECEPTION}/knowledge")
    transfer = await page.evaluate_handle(
        "() => { const t = new DataTransfer();"
        " t.items.add(new File(['Dogs may come in.'], 'pets.txt')); return t; }"
    )

    await page.locator("[data-drop]").dispatch_event("drop", {"dataTransfer": transfer})
    await expect(page.get_by_text("Ready as “Pets”")).to_be_visible(timeout=30_000)
    await page.locator("#sections").get_by_text("Pets", exact=True).click()
    await expect(page.get_by_text("Dogs may come in.")).to_be_visible()
    await page.get_by_label("Name of the section").fill("Animals")
    await page.get_by_role("button", name="Rename").click()
    await expect(page.get_by_role("heading", name="Animals", level=1)).to_be_visible()
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Yes, go on").click()

    await expect(page.get_by_text("The section is deleted.")).to_be_visible()
    await expect(page.locator("#sections").get_by_text("Animals")).to_have_count(0)


async def test_a_voice_is_listened_to_and_chosen(desk: Watched) -> None:
    page = await desk.goto(f"{RECEPTION}/assistant")
    await page.evaluate(
        "() => { window.played = []; const play = HTMLMediaElement.prototype.play;"
        " HTMLMediaElement.prototype.play = function () { window.played.push(this); return play.call(this); }; }"
    )
    james = page.locator(".voice", has_text="James")

    await james.get_by_role("button", name="James: Listen").click()

    async def sounds() -> bool:
        return bool(await page.evaluate("() => (window.played[0]?.currentTime ?? 0) > 0.2"))

    await until(sounds)
    await expect(james.get_by_role("button", name="James: Stop")).to_be_visible()
    await james.get_by_role("button").click()
    assert await page.evaluate("window.played[0].paused")
    await james.get_by_role("radio").check()
    await page.locator("#voice").get_by_role("button", name="Save").click()

    await expect(page.get_by_text("The voice is saved.")).to_be_visible()
    await expect(page.locator(".voice", has_text="in use")).to_contain_text("James")


async def test_a_prompt_is_edited_compared_and_restored(place: Place, office: Office, desk: Watched) -> None:
    before = await _prompt(place, office)
    page = await desk.goto(f"{RECEPTION}/prompt")
    editor = page.get_by_role("textbox", name="Instructions")

    await editor.fill((await editor.input_value()).replace("warm, calm and brief", "warm, patient and brief"))
    await page.get_by_role("button", name="See what would change").click()
    await expect(page.locator("#changes ins")).to_have_text("patient")
    await page.locator("form[action$='/prompt']").get_by_role("button", name="Save").click()
    await expect(page.get_by_text("The instructions are saved.")).to_be_visible()
    assert "warm, patient and brief" in await _prompt(place, office)

    await page.get_by_role("link", name=re.compile(r"Changes \d+")).first.click()
    await expect(page.locator(".diff del")).to_have_text("calm")
    await page.get_by_role("link", name=re.compile("Restore version")).click()
    await expect(page.locator(".diff ins")).to_have_text("calm")
    await page.get_by_role("button", name="Restore it").click()

    await expect(page.get_by_text("The old text is back")).to_be_visible()
    assert await _prompt(place, office) == before


async def test_two_people_edit_the_prompt_and_neither_loses_a_word(
    place: Place, office: Office, desk: Watched
) -> None:
    page = await desk.goto(f"{RECEPTION}/prompt")
    desk.expected = {409}
    async with in_office(place.served, office) as api:
        text = (await api.get("/api/prompt")).json()["systemPrompt"]
        await api.put("/api/prompt", json={"systemPrompt": f"{text}\nSay goodbye by name."})

    editor = page.get_by_role("textbox", name="Instructions")
    await editor.fill(f"{text}\nOffer a call back.")
    await page.locator("form[action$='/prompt']").get_by_role("button", name="Save").click()

    await expect(page.get_by_text("Somebody else saved in the meantime")).to_be_visible()
    assert "Offer a call back." in await editor.input_value()
    await expect(page.locator("#changes")).to_contain_text("Say goodbye by name.")


async def test_sections_are_proposed_before_they_are_taken(desk: Watched) -> None:
    page = await desk.goto(f"{RECEPTION}/prompt")
    editor = page.get_by_role("textbox", name="Instructions")
    text = await editor.input_value()
    await editor.fill(text.replace("You answer the telephone", "You answer the phone"))
    await page.locator("form[action$='/prompt']").get_by_role("button", name="Save").click()

    await page.get_by_role("button", name="Propose").click()
    await expect(page.get_by_role("heading", name="Proposed text")).to_be_visible()
    await expect(page.locator(".diff ins")).to_have_text("telephone")
    await page.get_by_role("button", name="Use this text").click()

    await expect(page.get_by_text("The new text is in the instructions.")).to_be_visible()


async def test_a_transfer_number_is_judged_while_it_is_typed(desk: Watched) -> None:
    page = await desk.goto(f"{RECEPTION}/business")
    number = page.get_by_label("Transfer number")

    await number.press_sequentially("911")
    await expect(page.get_by_text("Calls are never put through to emergency numbers.")).to_be_visible()
    await number.fill("")
    await number.press_sequentially("(415) 555-0134")
    await expect(page.get_by_text("+1 415-555-0134 can be called")).to_be_visible()
    await page.locator("#transfer").get_by_role("button", name="Save").click()
    await expect(page.get_by_text("The transfer number is saved.")).to_be_visible()


async def test_a_greeting_is_written_by_keyboard_alone(desk: Watched) -> None:
    """From the tabs to the saved greeting without a mouse, and a section typed the same way."""
    page = await desk.goto(RECEPTION)
    await _tab_to(page, "Assistant")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/assistant")
    await _tab_to(page, "It greets")
    await page.keyboard.press("ArrowDown")
    await _tab_to(page, "Your greeting")
    await page.keyboard.press("Control+A")
    await page.keyboard.type("Bright Smile, how can I help?")
    await expect(page.locator("#heard")).to_contain_text("it waits for the caller to speak")
    await _tab_to(page, "Save")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("The greeting is saved.")).to_be_visible()
    await expect(page.get_by_role("radio", name=re.compile("It waits"))).to_be_checked()

    await page.goto(f"{desk.base}{RECEPTION}/knowledge")
    await _tab_to(page, "Name of the section")
    await page.keyboard.type("Insurance")
    await page.keyboard.press("Tab")
    await page.keyboard.type("We take Delta Dental and Aetna.")
    await _tab_to(page, "Add")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("The section is saved.")).to_be_visible()


async def _tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on what has this name."""
    wanted = """(name) => {
      const at = document.activeElement;
      const label = at.labels?.[0]?.innerText ?? at.getAttribute("aria-label") ?? at.innerText ?? "";
      return label.trim().startsWith(name);
    }"""
    for _ in range(80):
        await page.keyboard.press("Tab")
        if await page.evaluate(wanted, name):
            return
    raise AssertionError(f"the keyboard does not reach {name}")


@pytest.mark.parametrize(
    "name",
    ["overview", "assistant", "business", "prompt", "compare", "knowledge", "section", "gates", "new"],
)
async def test_pages_look_well(place: Place, office: Office, browser: Browser, pictures: Path, name: str) -> None:
    paths = {
        "overview": RECEPTION,
        "gates": f"{RECEPTION}/assistant",
        "new": RECEPTION,
        "section": f"{RECEPTION}/knowledge/sections/faqs",
        "compare": f"{RECEPTION}/prompt/compare?from=1&to=3",
    }
    cookies = place.office
    if name in {"gates", "new"}:
        other = open_office(place.served, f"Cut and Co {name}", plan="STARTER")
        key, _, token = other.cookie.partition("=")
        cookies = {key: token}
        if name == "gates":
            made = {"vapiAssistantId": "cut-and-co", "name": "Salon"}
            furnish(place.url, other, ("POST", "/api/assistants", made))
    looks: dict[str, dict[str, bool | str]] = {"light": {}, "dark": {"scheme": "dark"}, "phone": {"phone": True}}
    for look, options in looks.items():
        async with watched(browser, place.url, cookies=cookies, **options) as tab:  # type: ignore[arg-type]
            page = await tab.goto(paths.get(name, f"{RECEPTION}/{name}"))
            if name == "knowledge":
                await page.get_by_label("A caller's question").fill("Where can I park my car?")
                await page.keyboard.press("Enter")
                await expect(page.locator("#would-say")).to_be_visible()
            await page.wait_for_load_state("networkidle")
            await tab.check()
            assert await tab.overflow() == 0, "wider than the window"
            await page.screenshot(path=pictures / f"reception-{name}-{look}.png", full_page=True)
