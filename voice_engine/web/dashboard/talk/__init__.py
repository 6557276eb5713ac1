"""Talking in the browser: with one's own receptionist, or as whom a call is made to."""

from voice_engine.web.dashboard.site import Area
from voice_engine.web.dashboard.talk.routes import CALL_ROUTES, NAME

AREA = Area(name=NAME, routes=[*CALL_ROUTES])
