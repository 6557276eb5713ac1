"""Which addresses requests may go to on somebody else's word."""

import pytest

from voice_engine.providers.addresses import is_private, is_public, resolve_host


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_an_address_in_the_open_is_public_and_not_private(address: str) -> None:
    assert is_public(address)
    assert not is_private(address)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "127.9.9.9", "::1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "fd12::1"]
)
def test_this_machine_and_its_network_are_private(address: str) -> None:
    assert is_private(address)
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "169.254.1.1", "fe80::1%eth0",
        "0.0.0.0", "::", "224.0.0.1", "ff02::1", "240.0.0.1", "255.255.255.255", "100.64.0.1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "localhost", "", "0x7f000001",
    ],
)  # fmt: skip
def test_what_no_setting_opens_is_neither(address: str) -> None:
    """Metadata services, link-local, unspecified, multicast, reserved, IPv4 in disguise, no address at all."""
    assert not is_public(address)
    assert not is_private(address)


async def test_an_address_is_its_own_without_a_name_server() -> None:
    """The tests' network refuses to look these up, and so does nobody need to."""
    assert await resolve_host("169.254.169.254", 80) == ["169.254.169.254"]
    assert await resolve_host("fd00:ec2::254", 80) == ["fd00:ec2::254"]
