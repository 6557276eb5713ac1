"""`voice-engine doctor`: what this machine and these settings are good for, and how to fix what is wrong."""

import asyncio
import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict

from rich.table import Table
from rich.text import Text

from voice_engine import __version__
from voice_engine.bootstrap.checks import carrier, reach, storage
from voice_engine.bootstrap.checks.machine import machine, packages, places, providers, speech
from voice_engine.bootstrap.service import open_telephony, place_of
from voice_engine.cli import console
from voice_engine.cli.calls import read_settings
from voice_engine.cli.serving.address import Address, find_address
from voice_engine.cli.serving.place import carrier_account, local_url, web_settings
from voice_engine.config import SettingLine, Settings, describe_settings
from voice_engine.errors import InvalidInput
from voice_engine.ports.doctor import Finding, Verdict, problem, warning
from voice_engine.telephony.twilio.account import EDGES
from voice_engine.web.account import CarrierAccount, find_local_account
from voice_engine.web.settings import PORT

REGION = f"set VOICE_ENGINE_TWILIO__REGION to one of {', '.join(EDGES)}, or leave it unset for us1"
START = "start voice-engine serve, or set VOICE_ENGINE_PUBLIC_URL"


def run(*, as_json: bool, show_secrets: bool, quick: bool, fix: bool = False) -> int:
    """Look at everything; 0 when nothing is a problem, else 1. `fix` leads numbers here that ring elsewhere."""
    settings = read_settings()
    address = find_address(settings.data_dir)
    served_at = None if address is None else local_url(address.host, address.port)
    findings = [*machine(), *packages(), *speech(quick=quick), *providers(settings)]
    findings += places(settings, served_at=served_at)
    findings += asyncio.run(service(settings, address, quick=quick, fix=fix))
    lines = describe_settings(settings, show_secrets=show_secrets)
    account = find_local_account(settings.data_dir)
    if as_json:
        console.emit_json(
            {
                "version": __version__,
                "findings": [asdict(finding) for finding in findings],
                "settings": {line.name: {"value": line.value, "source": line.source} for line in lines},
                "carrier_account": None
                if account is None
                else {
                    "account_sid": account.account_sid,
                    "auth_token": account.auth_token if show_secrets else "***",
                    "generated": account.generated,
                },
            }
        )
    else:
        screen = console.out()
        screen.print(_findings_table(findings))
        screen.print(_settings_text(lines), soft_wrap=True)
        if account is not None:
            token = account.auth_token if show_secrets else "*** (--show-secrets)"
            screen.print(f"built-in carrier: account {account.account_sid}, auth token {token}", soft_wrap=True)
    problems = any(finding.verdict == "problem" for finding in findings)
    return console.EXIT_EXPECTATION if problems else console.EXIT_OK


async def service(settings: Settings, address: Address | None, *, quick: bool, fix: bool) -> list[Finding]:
    """Storage; and unless `quick`, what has to be asked over the network: carrier, public address, clock.

    `address`: where the server of this installation listens now.
    """
    now = dt.datetime.now(dt.UTC)
    findings = await storage.storage(settings, now=now)
    account = known_account(settings)
    if quick or account is None:
        return findings
    here = address or Address(host="127.0.0.1", port=PORT)
    web = web_settings(settings, account, host=here.host, port=here.port, media_port=here.media_port)
    if fix and address is None and settings.public_url is None:
        findings.append(warning("fix", "nothing is changed: no server runs, so its address is a guess", START))
        fix = False
    findings += await _carrier(settings, account, web.public_url, fix=fix)
    findings += await reach.reach(web, account.account_sid, now=now, outside=not account.generated)
    if not account.generated:
        base = settings.twilio.api_base_url or "https://api.twilio.com"
        findings.append(await reach.clock(base, now=dt.datetime.now(dt.UTC)))
    return findings


async def _carrier(settings: Settings, account: CarrierAccount, public_url: str, *, fix: bool) -> list[Finding]:
    try:
        telephony = open_telephony(settings, place_of(settings, account, public_url))
    except InvalidInput as error:
        mend = REGION if error.code == "unknown_region" else "mend the carrier's settings"
        return [problem(carrier.ACCOUNT, error.message, mend)]
    try:
        return await carrier.carrier(telephony, public_url=public_url, built_in=account.generated, fix=fix)
    finally:
        await telephony.aclose()


def known_account(settings: Settings) -> CarrierAccount | None:
    """The configured account, or the built-in carrier's; None: there was no first start yet."""
    if settings.twilio.auth_token is None:
        return find_local_account(settings.data_dir)
    return carrier_account(settings)


_STYLES: dict[Verdict, str] = {"ok": "green", "warning": "yellow", "problem": "bold red"}


def _findings_table(findings: Iterable[Finding]) -> Table:
    shown = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    shown.add_column()
    shown.add_column(style="bold", no_wrap=True)
    shown.add_column(overflow="fold")
    for finding in findings:
        detail = Text(finding.detail)
        if finding.fix:
            detail.append(f"\n→ {finding.fix}", style=_STYLES[finding.verdict])
        shown.add_row(Text(finding.verdict, style=_STYLES[finding.verdict]), finding.subject, detail)
    return shown


def _settings_text(lines: Iterable[SettingLine]) -> Text:
    """One setting a line, as it could stand in a file of environment variables."""
    shown = Text("\nsettings\n", style="bold")
    for line in lines:
        value = Text("unset", style="dim") if line.value is None else Text(line.value)
        shown.append_text(Text.assemble((line.name, "default"), "=", value, style="not bold"))
        shown.append(f"   {line.source}: {line.description}\n", style="not bold dim")
    return shown
