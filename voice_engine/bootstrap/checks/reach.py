"""From outside to here: name, certificate, signed webhook, media socket, and whose clock is wrong.

Seen from this machine: a firewall in front of it may still tell others something else.
"""

import asyncio
import datetime as dt
import email.utils
import socket
import ssl
import uuid
from urllib.parse import urlsplit

import httpx2
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, InvalidStatus

from voice_engine.ports.doctor import Finding, problem, warning, well
from voice_engine.telephony.twilio.signature import SignatureValidator
from voice_engine.web.settings import VOICE_PATHS, WebSettings

WAIT_S = 8.0
"""The carrier gives a webhook 15 s; a healthy answer takes milliseconds."""
EXPIRES_SOON = dt.timedelta(days=14)
SKEW_S = 5.0
NAME, CERTIFICATE, WEBHOOK, SOCKET, CLOCK = "address", "certificate", "webhook", "media socket", "clock"
PROXY = "proxy"


async def reach(web: WebSettings, account_sid: str, *, now: dt.datetime, outside: bool) -> list[Finding]:
    """Walk the way that the carrier takes; the first step that fails ends it. `outside`: it is not our own."""
    parts = urlsplit(web.public_url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    name = await resolve(host, port)
    if name.verdict == "problem":
        return [name]
    findings = [name]
    if parts.scheme == "https":
        findings.append(await certificate(host, port, now=now))
        if findings[-1].verdict == "problem":
            return findings
        findings.append(proxy(web))
    findings.append(await webhook(web, account_sid))
    findings.append(await media_socket(web, outside=outside))
    return findings


async def resolve(host: str, port: int) -> Finding:
    """Whether the name leads anywhere, and whether that is public."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        return problem(NAME, f"{host}: {error.strerror}", "make a DNS record (A or AAAA) for it, or mend the URL")
    return well(NAME, f"{host} is {', '.join(sorted({str(entry[4][0]) for entry in found}))}")


async def certificate(host: str, port: int, *, now: dt.datetime) -> Finding:
    """Whether the carrier would trust what is shown, and for how long."""
    try:
        async with asyncio.timeout(WAIT_S):
            _, writer = await asyncio.open_connection(host, port, ssl=ssl.create_default_context())
    except ssl.SSLCertVerificationError as error:
        mend = "use a certificate of a public authority for this name (Caddy gets one by itself: deploy/Caddyfile)"
        return problem(CERTIFICATE, error.verify_message, mend)
    except (OSError, TimeoutError) as error:
        mend = f"open port {port} to the world, and have the TLS proxy listen on it (deploy/)"
        return problem(CERTIFICATE, f"{host}:{port}: {_reason(error)}", mend)
    shown = writer.get_extra_info("peercert") or {}
    writer.close()
    ends = dt.datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), dt.UTC)
    if ends - now < EXPIRES_SOON:
        return warning(CERTIFICATE, f"ends {ends:%Y-%m-%d}", "see why it is not renewed")
    return well(CERTIFICATE, f"trusted, until {ends:%Y-%m-%d}")


def proxy(web: WebSettings) -> Finding:
    """Whether callers of the API are told apart: HTTPS ends at a proxy, so what asks us is always that."""
    if web.trusted_proxies:
        return well(PROXY, f"X-Forwarded-For is believed of {web.trusted_proxies}")
    return warning(
        PROXY,
        "no proxy is trusted: everybody behind it is one address, and shares its limits",
        "set VOICE_ENGINE_WEB__TRUSTED_PROXIES to the proxy's address, seen from here (127.0.0.1 on this machine)",
    )


async def webhook(web: WebSettings, account_sid: str) -> Finding:
    """A voice webhook as the carrier signs it, about a call that nobody has: TwiML says that all of it arrived."""
    path, query = VOICE_PATHS[0], f"call_id={uuid.uuid4()}&attempt_id={uuid.uuid4()}"
    form = {"CallSid": f"CA{uuid.uuid4().hex}", "AccountSid": account_sid, "Direction": "outbound-api"}
    signed = SignatureValidator(web.auth_token, web.public_url)
    signature = signed.sign(path, query, {key: [value] for key, value in form.items()})
    try:
        async with httpx2.AsyncClient(timeout=WAIT_S) as http:
            answer = await http.post(
                f"{web.public_url}{path}?{query}", data=form, headers={"X-Twilio-Signature": signature}
            )
    except httpx2.HTTPError as error:
        return problem(WEBHOOK, f"{web.public_url}: {_reason(error)}", "is serve running, and the proxy before it?")
    if answer.status_code == 200 and "<Response" in answer.text:
        return well(WEBHOOK, "a signed request came back as TwiML: host, path and query arrive as they were signed")
    return problem(WEBHOOK, f"answered {answer.status_code}", _mend_webhook(answer.status_code))


def _mend_webhook(status: int) -> str:
    if status == 403:
        return (
            "the signature does not match: start serve with the same VOICE_ENGINE_PUBLIC_URL and auth token, and "
            "have the proxy leave path and query as they are"
        )
    if status in {301, 302, 307, 308}:
        return "the proxy redirects: VOICE_ENGINE_PUBLIC_URL must be where it ends (https, the final host)"
    if status in {502, 503, 504}:
        return "the proxy does not reach serve, or it drains: see /readyz"
    return "another program answers here: have the proxy pass everything to serve (deploy/)"


async def media_socket(web: WebSettings, *, outside: bool) -> Finding:
    """Whether an upgrade gets through. The carrier takes wss on port 443 only."""
    url, parts = web.stream_url, urlsplit(web.stream_url)
    validator = SignatureValidator(web.auth_token, web.public_url)
    path = parts.path.removeprefix(urlsplit(web.public_url).path.rstrip("/"))
    headers = {"X-Twilio-Signature": validator.sign(path, "", {})}
    try:
        async with connect(url, open_timeout=WAIT_S, compression=None, additional_headers=headers, proxy=None):
            detail = f"{url} accepts upgrades"
    except InvalidStatus as error:
        mend = "pass Upgrade and Connection on at the proxy (deploy/nginx.conf; Caddy does it by itself)"
        return problem(SOCKET, f"{url} answered {error.response.status_code} to an upgrade", mend)
    except (InvalidHandshake, OSError, TimeoutError) as error:
        return problem(SOCKET, f"{url}: {_reason(error)}", "is serve running, and does the proxy speak websocket?")
    if outside and parts.scheme != "wss":
        return problem(SOCKET, f"{detail}, without TLS", "Twilio takes wss:// only: see deploy/ for TLS proxies")
    if outside and parts.port not in {None, 443}:
        return problem(SOCKET, detail, "Twilio opens media sockets on port 443 only")
    return well(SOCKET, detail)


async def clock(url: str, *, now: dt.datetime) -> Finding:
    """This machine's clock against the one at `url`: tokens, links and signatures live by it."""
    try:
        async with httpx2.AsyncClient(timeout=WAIT_S) as http:
            answer = await http.head(url)
        theirs = email.utils.parsedate_to_datetime(answer.headers["date"])
    except (httpx2.HTTPError, KeyError, ValueError) as error:
        return warning(CLOCK, f"not compared: {_reason(error)}", f"let this machine reach {url}")
    return judge_clock(skew_s=(now - theirs).total_seconds(), host=urlsplit(url).hostname or url)


def judge_clock(*, skew_s: float, host: str) -> Finding:
    """What a difference means; the other side's time is in whole seconds."""
    if abs(skew_s) > SKEW_S:
        where = "ahead of" if skew_s > 0 else "behind"
        return problem(CLOCK, f"{abs(skew_s):.0f} s {where} {host}", "run a time service: timedatectl set-ntp true")
    return well(CLOCK, f"agrees with {host}")


def _reason(error: BaseException) -> str:
    return str(getattr(error, "strerror", None) or error) or type(error).__name__
