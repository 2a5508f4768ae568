"""Which addresses are the public internet. Everything else is somebody's private ground and is never connected to.

The registries are IANA's, as `ipaddress` knows them; ways to write an IPv4 address inside an IPv6 one are refused as a
whole, because whoever writes them wants a check to look at something other than what is reached.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

_PRIVATE = tuple(ip_network(text) for text in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_LOCAL = ip_network("fd00::/8")
_CLOUDS = ip_network("fd00:ec2::/32")
_UNICAST = ip_network("2000::/3")
# 6to4, Teredo, NAT64 and its local twin: each carries an IPv4 address that a gateway would reach.
_CARRIERS = tuple(ip_network(text) for text in ("2002::/16", "2001::/32", "64:ff9b::/96", "64:ff9b:1::/48"))


def is_public(address: str) -> bool:
    """Whether a numeric address is a host of the public internet. False for anything that does not parse."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and (ip not in _UNICAST or any(ip in carrier for carrier in _CARRIERS)):
        return False
    special = ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_link_local or ip.is_private
    return ip.is_global and not special


def is_own_ground(address: str) -> bool:
    """Whether a numeric address is this machine's or its private network's: never a cloud's metadata, never a group."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        return ip.is_loopback or (ip in _LOCAL and ip not in _CLOUDS)
    return any(ip in network for network in _PRIVATE)
