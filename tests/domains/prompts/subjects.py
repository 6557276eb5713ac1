"""Businesses for the tests of prompts."""

from dataclasses import replace
from typing import Any

from voice_engine.domains.prompts.document import Renderings
from voice_engine.domains.prompts.sections import ORDER, Rendering, SectionKey, Subject
from voice_engine.domains.prompts.templates import render

WEEK = {
    "monday": {"open": "09:00", "close": "17:00"},
    "tuesday": {"open": "09:00", "close": "17:00"},
    "friday": {"open": "18:00", "close": "02:00"},
    "saturday": {"closed": True},
}

ACME = Subject(
    assistant="Savannah",
    business="Acme Dental",
    business_type="dental_office",
    description="Family dental practice in the old town.",
    site="https://acmedental.com",
    address="123 Main St, Suite 100",
    hours=WEEK,
    timezone="America/New_York",
    transfer_number="+15559876543",
)


def renderings(subject: Subject) -> Renderings:
    """Every section."""
    return {key: render(key, subject) for key in ORDER}


def rendered(key: SectionKey, **changes: Any) -> Rendering:
    """One section that exists."""
    rendering = render(key, replace(ACME, **changes))
    assert rendering is not None
    return rendering
