"""Numbers that matter: calls, outcomes, talking time, what is left, answers' latency, busy hours."""

from voice_engine.web.dashboard.figures.home import AREA as HOME
from voice_engine.web.dashboard.figures.routes import AREA

__all__ = ["AREA", "HOME"]
