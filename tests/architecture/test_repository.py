"""The repository's own promises: the lock, the image, the licence, the verbs."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def pinned() -> dict[str, list[str]]:
    """Package → its pinned versions (one for each range of Pythons)."""
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", LOCK, flags=re.MULTILINE):
        found.setdefault(name, []).append(version)
    return found


def normalized(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None
    return re.sub(r"[-_.]+", "-", name.group()).lower()


def test_every_dependency_is_locked() -> None:
    project = PYPROJECT["project"]
    wanted = {normalized(line) for line in project["dependencies"]}
    for extra in project["optional-dependencies"].values():
        wanted |= {normalized(line) for line in extra}

    assert wanted - set(pinned()) == set()


def test_every_locked_package_has_hashes_and_no_address() -> None:
    """An address would tie the lock to one registry."""
    blocks = re.split(r"^(?=[a-z0-9])", LOCK, flags=re.MULTILINE)[1:]

    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert "://" not in LOCK


def test_the_lock_can_bootstrap_its_installer() -> None:
    """`scripts/setup.sh` cuts uv's own block out of the lock."""
    assert len(pinned()["uv"]) == 1
    assert re.search(r"^uv==\S+ \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", LOCK, flags=re.MULTILINE)


def instructions() -> list[tuple[str, str]]:
    joined = re.sub(r"\\\n\s*", " ", DOCKERFILE)
    lines = [line.strip() for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split()[0], line.partition(" ")[2]) for line in lines]


def test_the_image_is_built_in_stages_and_runs_as_nobody_special() -> None:
    stages = [rest for word, rest in instructions() if word == "FROM"]
    final = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]

    assert len(stages) >= 2
    assert all(re.search(r":\d", stage) for stage in stages), "a base image without a version"
    user = re.search(r"^USER (\S+)", final, flags=re.MULTILINE)
    assert user is not None
    assert user.group(1) not in {"root", "0"}


def test_the_image_is_linted_by_rule() -> None:
    """The rules of hadolint that apply: DL3020, DL3025, DL3042, DL3008, DL4000, DL3003."""
    words = [word for word, _ in instructions()]

    assert set(words) <= {
        "FROM", "RUN", "COPY", "WORKDIR", "ENV", "USER", "EXPOSE", "VOLUME", "ENTRYPOINT", "CMD", "LABEL",
        "HEALTHCHECK", "ARG", "STOPSIGNAL",
    }  # fmt: skip
    for word, rest in instructions():
        if word in {"CMD", "ENTRYPOINT"}:
            assert rest.startswith("["), f"{word} in shell form gets no SIGTERM"
        if word == "RUN":
            assert "pip install" not in rest or "--no-cache-dir" in rest
            assert "sudo" not in rest.split()
            assert not re.search(r"\bcd\b", rest), "use WORKDIR"
        if word == "COPY":
            assert "://" not in rest


def test_the_image_takes_nothing_that_it_need_not() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()

    for path in (".git", ".venv", "tests", "fixtures", "benchmarks"):
        assert path in ignored


def test_fixtures_stay_out_of_the_wheel() -> None:
    """Some of them are CC BY-SA."""
    assert PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["voice_engine"]
    assert list((ROOT / "voice_engine").rglob("*.wav")) == []


@pytest.mark.parametrize(
    "folder", sorted((ROOT / "fixtures" / "audio").glob("**/*prompts*/")), ids=lambda p: p.name
)
def test_recorded_prompts_carry_their_credit(folder: Path) -> None:
    credit = next(file for name in ("README.md", "CREDIT.md") if (file := folder / name).exists()).read_text()

    assert "Allison Smith" in credit
    assert "CC BY-SA 3.0" in credit


def test_the_notice_credits_every_packaged_model() -> None:
    notice = (ROOT / "NOTICE").read_text()
    speech = PYPROJECT["project"]["optional-dependencies"]["speech"]
    for requirement in speech:
        if "==" in requirement:
            assert normalized(requirement) in notice, requirement


def test_the_verbs_are_there_and_explained() -> None:
    makefile = (ROOT / "Makefile").read_text()

    for verb in ("setup", "demo", "test", "accept", "bench", "fmt", "lint", "types", "golden", "help"):
        assert re.search(rf"^{verb}:.*## \S", makefile, flags=re.MULTILINE), verb


def test_continuous_integration_runs_the_same_check() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text()


def test_hooks_are_local() -> None:
    """A hook from elsewhere would need the network and run what nobody here has read."""
    repos = re.findall(r"^\s*- repo: (\S+)", (ROOT / ".pre-commit-config.yaml").read_text(), flags=re.MULTILINE)

    assert set(repos) == {"local"}


def test_the_licence_is_whole() -> None:
    licence = (ROOT / "LICENSE").read_text()

    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
