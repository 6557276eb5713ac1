"""A person's and an organization's settings: account, own providers, webhooks, tokens, audit, doctor."""

from voice_engine.web.dashboard.settings.routes import AREA

__all__ = ["AREA"]
