"""What an assistant calls itself, and the same name in texts that were written before it changed."""

import re

from voice_engine.domains.assistants.models import Assistant


def spoken_name(assistant: Assistant) -> str:
    """What it calls itself: the name that its owner gave it, else its voice's."""
    return assistant.spoken_name or assistant.voice_name


def renamed(text: str, old: str, new: str) -> str:
    """The text with each whole word (or words) `old`, written exactly so, replaced by `new`."""
    if not old or old == new:
        return text
    return re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", lambda _: new, text)
