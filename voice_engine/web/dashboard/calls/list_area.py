"""The pages about all calls: the list, and a new one."""

from voice_engine.web.dashboard.calls.list_routes import PATH, export, show_list, show_open
from voice_engine.web.dashboard.calls.list_words import WORDS
from voice_engine.web.dashboard.site import Area, MenuItem
from voice_engine.web.dashboard.view import route

NAME = "call_list"

AREA = Area(
    name=NAME,
    words=WORDS,
    routes=[
        route(PATH, show_list, area=NAME),
        route(f"{PATH}.csv", export, area=NAME),
        route(f"{PATH}/open", show_open, area=NAME),
    ],
    menu=[MenuItem(path=PATH, word="nav_calls", icon="list")],
)
