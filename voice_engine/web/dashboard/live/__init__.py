"""The controls of a call that is up: stop, pass on, take over, whisper, hand back."""

from voice_engine.web.dashboard.live.routes import LIVE_ROUTES, NAME
from voice_engine.web.dashboard.live.words import LIVE_WORDS
from voice_engine.web.dashboard.site import Area

AREA = Area(name=NAME, routes=LIVE_ROUTES, words=LIVE_WORDS)
