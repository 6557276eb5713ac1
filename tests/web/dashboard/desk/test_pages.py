"""What every page of the desk has: an empty state that says what to do, in both languages, for both kinds."""

import pytest

from tests.web.dashboard.desk.conftest import Desk

EMPTY = {
    "/app/numbers": ("No number yet", "Aún no hay número"),
    "/app/rules": ("No rules yet", "Aún no hay reglas"),
    "/app/rules/new": ("New rule", "Nueva regla"),
    "/app/contacts": ("Nobody in your contacts yet", "Aún no hay nadie"),
    "/app/contacts/new": ("New contact", "Nuevo contacto"),
    "/app/contacts/import": ("before anything is written", "antes de que se escriba nada"),
    "/app/contacts/erase": ("What is deleted", "Qué se borra"),
    "/app/voicemails": ("No messages", "No hay mensajes"),
    "/app/actions": ("Nothing to do", "Nada por hacer"),
}


@pytest.mark.parametrize("path", EMPTY)
async def test_a_page_that_has_nothing_to_show_says_what_to_do(desk: Desk, path: str) -> None:
    english, spanish = EMPTY[path]
    async with desk.tab() as tab:
        assert english in await tab.get(path)
        assert spanish in await tab.get(f"{path}?lang=es")


@pytest.mark.parametrize("path", EMPTY)
async def test_a_business_has_the_same_pages(office: Desk, path: str) -> None:
    async with office.tab() as tab:
        assert EMPTY[path][0] in await tab.get(path)


@pytest.mark.parametrize(
    "path",
    [
        "/app/rules/x",
        "/app/contacts/x",
        "/app/voicemails/x/audio",
        "/app/contacts?page=99999999999",
        "/app/voicemails?page=0",
        "/app/actions?page=-1&show=%00",
        "/app/rules/test?number=x&caller=%2B12125550199",
        "/app/rules/test?number=x&caller=%2B12125550199&at=yesterday",
        "/app/numbers/search?country=%00&area_code=x",
    ],
)
async def test_addresses_that_mean_nothing_are_no_fault_of_ours(desk: Desk, path: str) -> None:
    async with desk.tab() as tab:
        answer = await tab.client.get(path, headers={"Accept": "text/html"})

        assert answer.status_code in {200, 400, 403, 404, 422}
