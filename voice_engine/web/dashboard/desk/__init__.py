"""The desk behind the reception: numbers, routing rules, contacts, voicemails, what is to be done."""

from voice_engine.web.dashboard.desk.area import AREA

__all__ = ["AREA"]
