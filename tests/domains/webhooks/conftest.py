"""A business with an assistant that VAPI knows, and the door for VAPI's messages."""

import pytest

from tests.fakes.business import Business, add_business
from tests.fakes.vapi import VapiRig, add_assistant
from voice_engine.domains.assistants.models import Assistant
from voice_engine.store.engine import Store


@pytest.fixture
async def business(store: Store) -> Business:
    """On the Pro plan."""
    return await add_business(store)


@pytest.fixture
async def assistant(store: Store, business: Business) -> Assistant:
    """Its first."""
    return await add_assistant(store, business)


@pytest.fixture
def rig(store: Store, assistant: Assistant) -> VapiRig:
    """Nothing was told yet."""
    return VapiRig(store)
