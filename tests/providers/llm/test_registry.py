"""Models are found by name, and an unusable configuration says what is missing."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from voice_engine.errors import InvalidInput
from voice_engine.providers.llm.registry import LLM_GROUP, PACKAGED, llm_names, open_llm
from voice_engine.providers.llm.settings import LLMSettings, OpenAILLMSettings

PYPROJECT = Path(__file__).parents[3] / "pyproject.toml"


def test_the_packaged_models_are_the_published_entry_points() -> None:
    """A checkout and an installed wheel offer the same."""
    published = tomllib.loads(PYPROJECT.read_text())["project"]["entry-points"][LLM_GROUP]

    assert published == dict(PACKAGED)


def test_models_open_by_name() -> None:
    """`none` is the default: rules and templates alone."""
    settings = LLMSettings(openai=OpenAILLMSettings(base_url="http://127.0.0.1:1/v1", model="tiny"))
    scripted, remote = open_llm("scripted"), open_llm("openai", settings)

    assert open_llm("none") is None
    assert scripted is not None
    assert remote is not None
    assert (scripted.name, remote.name) == ("scripted", "openai:tiny")
    assert set(llm_names()) >= {"none", "openai", "scripted"}


@pytest.mark.parametrize(("name", "code"), [("gpt", "provider_unknown"), ("openai", "provider_key_missing")])
def test_unusable_choices_have_a_code_and_a_way_out(name: str, code: str) -> None:
    """The message names what there is, or the setting that is missing."""
    with pytest.raises(InvalidInput) as caught:
        open_llm(name)

    assert caught.value.code == code
    assert "scripted" in caught.value.message or "VOICE_ENGINE_OPENAI__API_KEY" in caught.value.message


@pytest.mark.slow
def test_the_vendor_client_is_not_imported_unasked() -> None:
    """It costs over a second, and most calls are held without it."""
    script = (
        "import sys; from voice_engine.providers.llm.registry import open_llm; open_llm('scripted'); "
        "sys.exit('openai' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
