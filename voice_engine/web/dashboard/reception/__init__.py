"""A reception: whether and how calls are answered. Of a business its assistant's settings, prompt and knowledge."""

from voice_engine.web.dashboard.reception.routes import AREA

__all__ = ["AREA"]
