"""The networks that a key may be used in, and those that it was seen in. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from stepladder.errors import Invalid

_PREFIX = {4: 24, 6: 48}
_PREFIX_OF_A_SITE = 64


def parsed_networks(texts: Sequence[str]) -> list[str]:
    """Networks as they are stored; an address is a network of one. Raises Invalid."""
    found = []
    for text in texts:
        try:
            found.append(str(ipaddress.ip_network(text.strip())))
        except ValueError as error:
            raise Invalid(f"{text!r} is not a network such as 203.0.113.0/24 or 2001:db8::/48.") from error
    return found


def network_of(address: str) -> str | None:
    """The network that an address is remembered as; None for what is no address."""
    try:
        parsed = _address(address)
    except ValueError:
        return None
    return str(ipaddress.ip_network(f"{parsed}/{_PREFIX[parsed.version]}", strict=False))


def site_of(address: str) -> str:
    """What counts as one caller's address: of IPv6 the network that one site has to itself."""
    if ":" not in address:
        return address
    try:
        parsed = _address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network(f"{parsed}/{_PREFIX_OF_A_SITE}", strict=False))


def is_within(address: str, networks: Sequence[str] | None) -> bool:
    """Whether an address is in one of the networks; always, where none are named."""
    if networks is None:
        return True
    try:
        parsed = _address(address)
    except ValueError:
        return False
    return any(parsed in ipaddress.ip_network(network) for network in networks)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    parsed = ipaddress.ip_address(text)
    # A socket that takes both kinds tells an IPv4 caller as ::ffff:203.0.113.9.
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return mapped or parsed
