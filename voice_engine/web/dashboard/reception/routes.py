"""The table of the reception's pages."""

from voice_engine.domains.accounts.models import OrganizationKind
from voice_engine.web.dashboard.reception import assistant, business, knowledge, overview, prompt, samples
from voice_engine.web.dashboard.reception.reach import NAME
from voice_engine.web.dashboard.reception.words.merged import WORDS
from voice_engine.web.dashboard.site import Area, MenuItem
from voice_engine.web.dashboard.view import Handler, route

_BUSINESS = frozenset({OrganizationKind.BUSINESS})

_READ: dict[str, Handler] = {
    "/assistant": assistant.show_assistant,
    "/voices/{voice}": samples.play_sample,
    "/voices/{voice}/progress": samples.show_progress,
    "/business": business.show_business,
    "/prompt": prompt.show_prompt,
    "/prompt/history": prompt.show_history,
    "/prompt/compare": prompt.show_comparison,
    "/prompt/revisions/{version}/restore": prompt.show_restoring,
    "/knowledge": knowledge.show_knowledge,
    "/knowledge/list": knowledge.list_sections,
    "/knowledge/sections/{key}": knowledge.show_section,
}
_CHANGE: dict[str, Handler] = {
    "/assistants": assistant.create,
    "/assistants/{id}/rename": assistant.rename,
    "/assistants/{id}/primary": assistant.make_primary,
    "/assistants/{id}/delete": assistant.delete,
    "/assistant/name": assistant.set_name,
    "/assistant/language": assistant.set_language,
    "/assistant/greeting": assistant.set_greeting,
    "/assistant/greeting/heard": assistant.hear_greeting,
    "/assistant/voice": assistant.set_voice,
    "/business/hours": business.set_hours,
    "/business/info": business.set_info,
    "/business/address": business.set_address,
    "/business/transfer": business.set_transfer,
    "/business/transfer/check": business.check_transfer,
    "/prompt": prompt.save,
    "/prompt/preview": prompt.preview,
    "/prompt/proposal": prompt.propose,
    "/prompt/take": prompt.take,
    "/prompt/revisions/{version}/restore": prompt.restore,
    "/knowledge": knowledge.add,
    "/knowledge/upload": knowledge.upload,
    "/knowledge/ask": knowledge.ask,
    "/knowledge/sections/{key}": knowledge.save_section,
    "/knowledge/sections/{key}/rename": knowledge.rename_section,
    "/knowledge/sections/{key}/delete": knowledge.delete_section,
}
"""Below `/app/reception`; all of them are a business's."""

TABS_ELSEWHERE = ("/app/rules", "/app/contacts", "/app/voicemails", "/app/actions")
"""Tabs of a reception that are the desk's pages."""

AREA = Area(
    name=NAME,
    words=WORDS,
    routes=[
        route("/app/reception", overview.show_overview, area=NAME),
        *(route(f"/app/reception{path}", show, area=NAME, kinds=_BUSINESS) for path, show in _READ.items()),
        *(
            route(f"/app/reception{path}", change, area=NAME, kinds=_BUSINESS, methods=["POST"])
            for path, change in _CHANGE.items()
        ),
    ],
    menu=[MenuItem(path="/app/reception", word="nav_reception", icon="desk", also=TABS_ELSEWHERE)],
)
