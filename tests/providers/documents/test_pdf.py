"""Lines of a page put together again: a sentence that the column broke is one, a heading is its own."""

import pytest

from voice_engine.providers.documents.pdf import unwrapped


@pytest.mark.parametrize(
    ("page", "paragraphs"),
    [
        (
            "Price list of Bright Smile Dental\nA cleaning costs 140 dollars and takes thirty minutes.\n",
            ["Price list of Bright Smile Dental", "A cleaning costs 140 dollars and takes thirty minutes."],
        ),
        (
            "Patients park for free in the garage behind\nthe house.\nAsk at the desk for a ticket.",
            ["Patients park for free in the garage behind the house.", "Ask at the desk for a ticket."],
        ),
        (
            "Our dentists are Doctor Amelia Wong and Doctor\nPeter Lindqvist, who speaks Swedish.",
            ["Our dentists are Doctor Amelia Wong and Doctor Peter Lindqvist, who speaks Swedish."],
        ),
        ("Open\non weekdays", ["Open on weekdays"]),
        ("One paragraph ends here\n\nAnother begins", ["One paragraph ends here", "Another begins"]),
    ],
)
def test_what_the_column_broke_is_one_again(page: str, paragraphs: list[str]) -> None:
    assert unwrapped(page).splitlines() == paragraphs
