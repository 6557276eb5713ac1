"""Which addresses of the network a request on somebody else's word may go to."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""A host's addresses, by host and port. Raises OSError when there are none."""

NEVER = frozenset(
    ipaddress.ip_address(text) for text in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16")
)
"""Where clouds hand credentials to whoever asks from inside: AWS, Azure and Google, AWS over IPv6, Alibaba, and
Azure's agent. No setting opens them."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""RFC 6052: any IPv4 address may stand behind it."""


async def resolve_host(host: str, port: int) -> list[str]:
    """Every address of a host; an address is its own. Raises OSError."""
    if _parse(host) is not None:
        return [host]
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an address is out in the open: no loopback, private, link-local, multicast or reserved one, however
    it is written.
    """
    parsed = _parse(address)
    if parsed is None or parsed in NEVER:
        return False
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved


def is_private(address: str) -> bool:
    """Whether an address is this machine's or its network's: loopback, RFC 1918 or RFC 4193. What names no host,
    link-local addresses and where clouds keep credentials are neither private nor public.
    """
    parsed = _parse(address)
    if parsed is None or parsed in NEVER or parsed.is_link_local or parsed.is_unspecified or parsed.is_multicast:
        return False
    return parsed.is_loopback or (parsed.is_private and not parsed.is_reserved)


def _parse(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address; None for what is none, and for an IPv4 address in IPv6's clothes, which nobody needs."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo[1] if parsed.teredo else None)
        if inner is not None or parsed in _NAT64:
            return None
    return parsed
