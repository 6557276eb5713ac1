"""Errands to try: what the assistant may call somebody about who plays a restaurant, a clinic or a hotel."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from voice_engine.web.dashboard.words import Language

KINDS = ("restaurant", "clinic", "hotel")
"""The categories of a submission that have an example."""

_NAMES: Mapping[Language, str] = {"en": "Ada Lane", "es": "Ana López"}

_EXAMPLES: Mapping[Language, Mapping[str, Mapping[str, Any]]] = {
    "en": {
        "restaurant": {
            "business_name": "Corner Bistro",
            "task_description": "Book a table for dinner",
            "party_size": 4,
            "appointment_time": "20:00",
            "time_preference_text": "between 7 and 9 pm",
        },
        "clinic": {
            "business_name": "Maple Street Clinic",
            "task_description": "Make an appointment for a check-up",
            "party_size": None,
            "appointment_time": "10:00",
            "time_preference_text": "any time in the morning",
        },
        "hotel": {
            "business_name": "Harbour Hotel",
            "task_description": "Book a double room for one night",
            "party_size": 2,
            "appointment_time": None,
            "time_preference_text": "arriving in the evening",
        },
    },
    "es": {
        "restaurant": {
            "business_name": "La Taberna del Puerto",
            "task_description": "Reservar una mesa para cenar",
            "party_size": 4,
            "appointment_time": "21:00",
            "time_preference_text": "entre las 8 y las 10 de la noche",
        },
        "clinic": {
            "business_name": "Clínica San Jorge",
            "task_description": "Pedir cita para una revisión",
            "party_size": None,
            "appointment_time": "10:00",
            "time_preference_text": "cualquier hora de la mañana",
        },
        "hotel": {
            "business_name": "Hotel Miramar",
            "task_description": "Reservar una habitación doble para una noche",
            "party_size": 2,
            "appointment_time": None,
            "time_preference_text": "con llegada por la noche",
        },
    },
}


def example_of(kind: str, language: Language, *, day: dt.date, name: str) -> dict[str, Any]:
    """An errand with the fields of a submission. `name`: on whose behalf; "" for a made-up one."""
    return {
        "task_category": kind,
        **_EXAMPLES[language][kind],
        "appointment_date": day.isoformat(),
        "user_name": name or _NAMES[language],
    }
