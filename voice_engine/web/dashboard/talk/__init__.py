"""Talking with the product in the browser: the page, and the calls that it begins."""

from voice_engine.web.dashboard.site import Area, MenuItem
from voice_engine.web.dashboard.talk.page_routes import PAGE_ROUTES
from voice_engine.web.dashboard.talk.routes import CALL_ROUTES, NAME
from voice_engine.web.dashboard.talk.words import WORDS

AREA = Area(
    name=NAME,
    words=WORDS,
    routes=[*PAGE_ROUTES, *CALL_ROUTES],
    menu=[MenuItem(path="/app/talk", word="nav_talk", icon="mic")],
)

__all__ = ["AREA"]
