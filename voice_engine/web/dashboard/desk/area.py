"""The desk's pages together."""

from voice_engine.web.dashboard.desk import (
    actions,
    contacts,
    erasing,
    importing,
    numbers,
    phones,
    rules,
    voicemails,
    waiting,
)
from voice_engine.web.dashboard.desk.reach import NAME
from voice_engine.web.dashboard.desk.words import WORDS
from voice_engine.web.dashboard.site import Area, MenuItem

AREA = Area(
    name=NAME,
    words=WORDS,
    routes=[
        *numbers.ROUTES,
        *phones.ROUTES,
        *rules.ROUTES,
        *importing.ROUTES,
        *erasing.ROUTES,
        *contacts.ROUTES,
        *voicemails.ROUTES,
        *actions.ROUTES,
        *waiting.ROUTES,
    ],
    menu=[MenuItem(path="/app/numbers", word="nav_numbers", icon="hash")],
)
