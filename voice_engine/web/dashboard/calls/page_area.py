"""The page of one call."""

from voice_engine.web.dashboard.calls.page_routes import NAME, PAGE_ROUTES
from voice_engine.web.dashboard.calls.page_words import WORDS
from voice_engine.web.dashboard.site import Area

AREA = Area(name=NAME, words=WORDS, routes=PAGE_ROUTES)
