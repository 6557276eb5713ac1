"""The table of the reception's pages."""

from voice_engine.web.dashboard.reception.overview import show_overview
from voice_engine.web.dashboard.reception.reach import NAME
from voice_engine.web.dashboard.reception.words.merged import WORDS
from voice_engine.web.dashboard.site import Area, MenuItem
from voice_engine.web.dashboard.view import route

AREA = Area(
    name=NAME,
    words=WORDS,
    routes=[route("/app/reception", show_overview, area=NAME)],
    menu=[MenuItem(path="/app/reception", word="nav_reception", icon="desk")],
)
