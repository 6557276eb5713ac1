"""What the routes of `/api` reach."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from voice_engine.domains.assistants.service import AssistantService
from voice_engine.domains.knowledge.service import KnowledgeService
from voice_engine.domains.minutes.service import MinutesService
from voice_engine.domains.numbers.business import BusinessNumbers
from voice_engine.domains.prompts.assembly import PromptsDomain
from voice_engine.domains.voices.previews import VoicePreviews
from voice_engine.rest.api.auth.doors import Doors
from voice_engine.rest.api.calls.surface import BusinessCallSurface
from voice_engine.rest.api.health.checks import HealthChecks
from voice_engine.rest.api.session import SessionReader
from voice_engine.rest.api.webhooks.door import VapiDoor


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSurface:
    """The business surface of one process. `public_url` is our base; `origins` are further sites of ours.

    `admin_key` None or empty: every admin operation is refused.
    """

    sessions: SessionReader
    public_url: str
    origins: frozenset[str] = frozenset()
    admin_key: str | None = field(default=None, repr=False)

    assistants: AssistantService | None = None
    prompts: PromptsDomain | None = None
    previews: VoicePreviews | None = None
    """None: this process has no synthesizer."""

    doors: Doors | None = None
    """None: this process signs nobody in."""

    minutes: MinutesService | None = None

    vapi: VapiDoor | None = None

    knowledge: KnowledgeService | None = None

    calls: BusinessCallSurface | None = None
    numbers: BusinessNumbers | None = None
    health: HealthChecks | None = None

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach us over HTTPS: cookies carry `Secure` then."""
        return self.public_url.startswith("https://")

    @property
    def own_origins(self) -> frozenset[str]:
        """Origins whose pages may change things."""
        parts = urlsplit(self.public_url)
        return self.origins | {f"{parts.scheme}://{parts.netloc}"}
