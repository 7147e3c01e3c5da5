"""No test reaches beyond this machine: only loopback addresses and unix sockets.

An audit hook sees every connection, binding and name look-up of this process before it happens,
whichever library asks. It cannot be taken out again, which suits a guard, and nothing is replaced.
Not seen: child processes, and libraries that bring their own network stack (obstore's S3).
The attempt raises; should the product swallow that, the test fails all the same at its end.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
from collections.abc import Iterator

import pytest

CONNECTING = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"}
LOOKING_UP = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}


class OutsideNetwork(Exception):
    """Something tried to leave this machine. Not an `OSError`, which adapters handle."""


def is_inside(host: object) -> bool:
    """Whether a host, as the socket functions take it, is this machine's loopback."""
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


class NetworkGuard:
    """The hook itself; remembers what it refused."""

    def __init__(self) -> None:
        self.refused: list[str] = []

    def __call__(self, event: str, args: tuple[object, ...]) -> None:
        """`sys.addaudithook` calls this; raises `OutsideNetwork`."""
        if event in CONNECTING:
            self._check_address(event, args[0], args[1])
        elif event in LOOKING_UP and args[0] is not None:
            self._check_host(event, args[0])

    def _check_address(self, event: str, sock: object, address: object) -> None:
        internet = isinstance(sock, socket.socket) and sock.family in (
            socket.AF_INET,
            socket.AF_INET6,
        )
        if internet and isinstance(address, tuple):
            self._check_host(event, address[0])

    def _check_host(self, event: str, host: object) -> None:
        if not is_inside(host):
            self.refused.append(f"{event} {host!r}")
            raise OutsideNetwork(self.refused[-1])


GUARD = NetworkGuard()


def pytest_configure() -> None:
    sys.addaudithook(GUARD)


@pytest.fixture(autouse=True)
def network_guard() -> Iterator[NetworkGuard]:
    """Fails the test when anything in it tried to leave this machine."""
    GUARD.refused.clear()
    yield GUARD
    if GUARD.refused:
        pytest.fail(f"tests stay on this machine, refused: {GUARD.refused}", pytrace=False)
