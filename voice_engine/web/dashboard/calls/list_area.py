"""The pages about all calls: the list, and a new one."""

from voice_engine.web.dashboard.calls import list_words, new_words
from voice_engine.web.dashboard.calls.list_routes import PATH, export, show_list, show_open
from voice_engine.web.dashboard.calls.new_routes import cancel, check, consent, create, move, show_move, show_new
from voice_engine.web.dashboard.site import Area, MenuItem
from voice_engine.web.dashboard.view import route
from voice_engine.web.dashboard.words import Words

NAME = "call_list"
WORDS: Words = {
    "en": {**list_words.WORDS["en"], **new_words.WORDS["en"]},
    "es": {**list_words.WORDS["es"], **new_words.WORDS["es"]},
}

AREA = Area(
    name=NAME,
    words=WORDS,
    routes=[
        route(PATH, show_list, area=NAME),
        route(f"{PATH}.csv", export, area=NAME),
        route(f"{PATH}/open", show_open, area=NAME),
        route(f"{PATH}/new", show_new, area=NAME),
        route(f"{PATH}/new", create, area=NAME, methods=["POST"]),
        route(f"{PATH}/new/check", check, area=NAME, methods=["POST"]),
        route(f"{PATH}/new/consent", consent, area=NAME, methods=["POST"]),
        route(f"{PATH}/{{id}}/cancel", cancel, area=NAME, methods=["POST"]),
        route(f"{PATH}/{{id}}/reschedule", show_move, area=NAME),
        route(f"{PATH}/{{id}}/reschedule", move, area=NAME, methods=["POST"]),
    ],
    menu=[MenuItem(path=PATH, word="nav_calls", icon="list")],
)
