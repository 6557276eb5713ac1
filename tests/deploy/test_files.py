"""What deploy/ promises is there: metrics of the dashboard, settings of the units, paths that proxies must know."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from voice_engine.config import describe_settings, load_settings
from voice_engine.telemetry.metrics import STAGES, Metrics
from voice_engine.web.root import CARRIER_PREFIXES
from voice_engine.web.settings import BROWSER_PATH, MEDIA_PATH

DEPLOY = Path(__file__).parents[2] / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana" / "voice-engine.json").read_text("utf-8"))
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "docker-compose.yaml").read_text("utf-8"))
NAME = re.compile(r"\bvoice_engine_[a-z_]+")
LABELS = re.compile(r"\bby \(([^)]*)\)|\{([a-z_]+)(?:=|!=)")


def samples() -> dict[str, set[str]]:
    """Every series that a process can have: its name, and the names of its labels."""
    found: dict[str, set[str]] = {}
    for metric in vars(Metrics()).values():
        if not hasattr(metric, "describe"):
            continue
        (family,) = metric.describe()
        labels = set(getattr(metric, "_labelnames", ()))
        suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}.get(family.type, ("",))
        for suffix in suffixes:
            found[family.name + suffix] = labels | ({"le"} if suffix == "_bucket" else set())
    return {**found, "voice_engine_start_time_seconds": set()}


def queries() -> list[str]:
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


@pytest.mark.parametrize("query", queries())
def test_the_dashboard_asks_for_metrics_and_labels_that_there_are(query: str) -> None:
    known = samples()
    names = NAME.findall(query)
    asked = {label.strip() for group in LABELS.findall(query) for label in ",".join(group).split(",")} - {""}

    assert names
    for name in names:
        assert name in known
        assert asked <= known[name]


def test_the_dashboard_shows_every_metric() -> None:
    """A new figure that nobody can see is not observed."""
    shown = {re.sub(r"_(total|bucket|count|sum)$", "", name) for query in queries() for name in NAME.findall(query)}
    there = {re.sub(r"_(total|bucket|count|sum)$", "", name) for name in samples()}

    assert there - shown == set()


def test_the_stages_that_the_dashboard_names_are_measured() -> None:
    named = {stage for query in queries() for stage in re.findall(r'stage="(\w+)"', query)}

    assert named == {"total"}
    assert named <= set(STAGES)


def settings_named(text: str) -> set[str]:
    return set(re.findall(r"\bVOICE_ENGINE_[A-Z_]+[A-Z]", text))


@pytest.mark.parametrize("file", sorted(path for path in DEPLOY.rglob("*") if path.is_file()), ids=lambda f: f.name)
def test_every_setting_that_a_file_names_is_one(file: Path) -> None:
    """The program refuses to start with an unknown one."""
    known = {line.name for line in describe_settings(load_settings({}), {})}
    own = {"VOICE_ENGINE_DOMAIN", "VOICE_ENGINE_UPSTREAM"}  # the Caddyfile's

    assert settings_named(file.read_text("utf-8")) - known - own == set()


def test_the_proxies_let_media_sockets_through() -> None:
    nginx = (DEPLOY / "nginx.conf").read_text("utf-8")

    assert f"location {MEDIA_PATH}/" in nginx
    assert f"location {BROWSER_PATH}/" in nginx
    assert "/readyz" in CARRIER_PREFIXES


def directives(file: str) -> str:
    """What a proxy does: its file without comments."""
    return re.sub(r"#.*", "", (DEPLOY / file).read_text("utf-8"))


def test_browsers_reach_the_web_app_over_http_2() -> None:
    """Over HTTP/1.1 a few live calls in tabs would take all connections of a browser. Caddy speaks it anyway."""
    listens = re.findall(r"listen [^;]*443[^;]*;", directives("nginx.conf"))

    assert listens
    assert all(" http2" in each for each in listens)
    assert "protocols" not in directives("Caddyfile")


@pytest.mark.parametrize("file", ["Caddyfile", "nginx.conf"])
def test_no_proxy_takes_a_draining_server_from_its_live_calls(file: str) -> None:
    """Their webhooks and new sockets still come here, while /readyz says 503 for as long as the drain lasts."""
    does = directives(file)

    assert "/readyz" not in does
    assert not re.search(r"health_\w+|health_check|fail_duration|unhealthy_|error_page\s+50[0-9]", does)


def test_serve_and_worker_of_the_composition_share_data_and_settings() -> None:
    """Recordings lie in the data directory until the worker has put them away."""
    serve, worker = COMPOSE["services"]["serve"], COMPOSE["services"]["worker"]

    assert serve["volumes"] == worker["volumes"]
    assert serve["environment"] == worker["environment"]
    assert serve["environment"]["VOICE_ENGINE_WORKER__WITH_SERVE"] == "false"
    assert worker["command"] == ["worker"]


def test_the_units_wait_for_the_drain() -> None:
    """systemd must not kill a server whose calls are ending."""
    unit = (DEPLOY / "systemd" / "voice-engine.service").read_text("utf-8")
    (seconds,) = re.findall(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)

    assert int(seconds) > load_settings({}).web.drain_timeout_s + 20


@pytest.mark.slow
def test_nginx_reads_its_file(tmp_path: Path) -> None:
    """Where nginx and openssl are installed."""
    nginx, openssl = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin"), shutil.which("openssl")
    if nginx is None or openssl is None:
        pytest.skip("nginx or openssl is not installed")
    certificate = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(tmp_path / "k.pem")]
    subprocess.run(
        [*certificate, "-out", str(tmp_path / "c.pem"), "-subj", "/CN=x"], check=True, capture_output=True
    )
    text = (DEPLOY / "nginx.conf").read_text("utf-8")
    text = re.sub(r"/etc/\S+fullchain.pem", str(tmp_path / "c.pem"), text)
    (tmp_path / "site.conf").write_text(re.sub(r"/etc/\S+privkey.pem", str(tmp_path / "k.pem"), text))
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log stderr;\nevents {{}}\n"
        f"http {{ access_log off; include {tmp_path}/site.conf; }}\n"
    )

    done = subprocess.run(
        [nginx, "-t", "-c", str(tmp_path / "nginx.conf")], check=False, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_caddy_reads_its_file() -> None:
    """Where caddy is installed."""
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("caddy is not installed")
    command = [caddy, "validate", "--config", str(DEPLOY / "Caddyfile"), "--adapter", "caddyfile"]

    done = subprocess.run(command, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
