"""Every table there is: importing this fills `Row.metadata`, for migrations and for tests."""

from voice_engine.domains.accounts import models as accounts
from voice_engine.domains.assistants import models as assistants
from voice_engine.domains.bookings import models as bookings
from voice_engine.domains.calls import models as calls
from voice_engine.domains.calls.listing import models as call_lists
from voice_engine.domains.contacts import models as contacts
from voice_engine.domains.hooks import models as hooks
from voice_engine.domains.identity import models as identity
from voice_engine.domains.inbound import models as inbound
from voice_engine.domains.knowledge import models as knowledge
from voice_engine.domains.mail import models as mail
from voice_engine.domains.minutes import models as minutes
from voice_engine.domains.numbers import models as numbers
from voice_engine.domains.prompts import models as prompts
from voice_engine.domains.providerkeys import models as providerkeys
from voice_engine.domains.safety import models as safety
from voice_engine.domains.usage import models as usage
from voice_engine.domains.webhooks import models as webhooks
from voice_engine.jobs import models as jobs
from voice_engine.store import audit, idempotency, outbox
from voice_engine.store.rows import Row

MODULES = (
    accounts,
    assistants,
    bookings,
    calls,
    call_lists,
    contacts,
    hooks,
    identity,
    inbound,
    knowledge,
    mail,
    minutes,
    numbers,
    prompts,
    providerkeys,
    safety,
    usage,
    webhooks,
    audit,
    idempotency,
    jobs,
    outbox,
)
"""The modules that declare tables."""

METADATA = Row.metadata
