"""What the desk's pages reach, and what several of them do."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.minutes.plans import LEAST, Feature, has
from voice_engine.domains.numbers.assembly import NumbersDomain
from voice_engine.domains.numbers.business import BusinessNumbers
from voice_engine.domains.privacy.service import Privacy
from voice_engine.errors import VoiceEngineError
from voice_engine.rest.api.router import require_plan
from voice_engine.rest.v1.inbound.surface import InboundSurface
from voice_engine.web.dashboard.view import View

NAME = "desk"
LINK_VALID = dt.timedelta(hours=1)
FURTHEST = 1_000_000
"""No list is paged further."""


def numbers_of(view: View) -> NumbersDomain:
    """Telephone numbers."""
    numbers = view.services.numbers
    assert numbers is not None, "this process has no numbers"
    return numbers


def business_numbers_of(view: View) -> BusinessNumbers:
    """A business's one number."""
    surface = view.services.api
    assert surface is not None and surface.numbers is not None, "this process serves no business numbers"
    return surface.numbers


def inbound_of(view: View) -> InboundSurface:
    """Rules, contacts, voicemails."""
    inbound = view.services.inbound
    assert inbound is not None, "this process has no inbound calls"
    return inbound


def privacy_of(view: View) -> Privacy:
    """What is held about a number, and its erasure."""
    privacy: Privacy = view.site.extras[NAME]
    return privacy


async def region_of(view: View) -> str:
    """Where a number without a country code is meant, ISO 3166-1 alpha-2."""
    async with view.store.read(view.organization_id) as work:
        return (await accounts.get_organization(work, view.organization_id)).country


def may(view: View, feature: Feature) -> bool:
    """Whether the plan has a feature; whoever pays in credits has all."""
    tier = view.viewer.person.tier
    return tier is None or has(tier, feature)


def require(view: View, feature: Feature) -> None:
    """Raise NotAllowed `plan_upgrade_required` unless `may`."""
    tier = view.viewer.person.tier
    if tier is not None:
        require_plan(tier, LEAST[feature])


def wording(view: View, error: VoiceEngineError) -> str:
    """What went wrong, in the person's language where there are words for it."""
    words = view.words
    plan = error.details.get("requiredPlan")
    if plan:
        return words["error_plan"].format(plan=view.plan_name(str(plan)))
    return words.get(f"error_{error.code}") or error.message


def text_of(form: Mapping[str, Any], name: str) -> str:
    """A field of a form without blanks around it, "" when it was not sent."""
    value = form.get(name, "")
    return value.replace("\0", "").strip() if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """A page of a list, counted from 1. `path` and `query` lead to its neighbours."""

    page: int
    size: int
    total: int
    path: str
    query: Mapping[str, str]

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.page - 1) * self.size

    @property
    def last(self) -> int:
        """The last page's number, 1 at least."""
        return max(1, -(-self.total // self.size))

    def link(self, page: int) -> str:
        """A page's address."""
        said = {key: value for key, value in self.query.items() if value}
        wanted = {**said, **({"page": str(page)} if page > 1 else {})}
        return f"{self.path}?{urlencode(wanted)}" if wanted else self.path


def page_of(view: View) -> int:
    """The page that is asked for; 1 for what is no page."""
    asked = view.request.query_params.get("page", "1")
    return min(max(1, int(asked)), FURTHEST) if asked.isascii() and asked.isdigit() and len(asked) < 8 else 1
