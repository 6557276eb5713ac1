"""The person: language, which organization they look at, signing out."""

from voice_engine.web.dashboard.account.routes import AREA

__all__ = ["AREA"]
