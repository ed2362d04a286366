"""A TCP door to the test server's socket that does one thing as a connection pooler does it, and nothing otherwise."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

_SSL, _GSS = 80877103, 80877104
_NOTIFICATION = b"A"


class Habit(StrEnum):
    """What it does otherwise than PostgreSQL."""

    NONE = "none"
    REFUSES_OPTIONS = "refuses options"  # as pgbouncer is
    DROPS_OPTIONS = "drops options"  # as pgbouncer with ignore_startup_parameters = options
    LOSES_NOTIFICATIONS = "loses notifications"  # as any that lends its sessions out


@contextmanager
def door_to(service_url: str, habit: Habit = Habit.NONE) -> Iterator[str]:
    """The same address through the door; it has no TLS."""
    values = conninfo_to_dict(service_url)
    socket_path = Path(str(values["host"])) / ".s.PGSQL.5432"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        accepting = threading.Thread(target=_accept, args=(listening, socket_path, habit))
        accepting.start()
        try:
            port = listening.getsockname()[1]
            yield f"postgresql://{values['user']}@127.0.0.1:{port}/{values['dbname']}"
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join()


def _accept(listening: socket.socket, socket_path: Path, habit: Habit) -> None:
    threads: list[threading.Thread] = []
    while True:
        try:
            client, _ = listening.accept()
        except OSError:
            break
        threads.append(threading.Thread(target=_serve, args=(client, socket_path, habit)))
        threads[-1].start()
    for thread in threads:
        thread.join()


def _serve(client: socket.socket, socket_path: Path, habit: Habit) -> None:
    with client, socket.socket(socket.AF_UNIX) as server, suppress(OSError, EOFError):
        startup = _read_startup(client)
        if habit is Habit.REFUSES_OPTIONS and b"options" in startup:
            client.sendall(_error("unsupported startup parameter: options"))
            return
        server.connect(str(socket_path))
        server.sendall(_without_options(startup) if habit is Habit.DROPS_OPTIONS else startup)
        upward = threading.Thread(target=_carry, args=(client, server))
        upward.start()
        _carry_messages(server, client, loses=habit is Habit.LOSES_NOTIFICATIONS)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
        upward.join()


def _read_startup(client: socket.socket) -> bytes:
    """The first real message of a session. TLS and its like are not offered."""
    while True:
        (length,) = struct.unpack("!i", _read(client, 4))
        body = _read(client, length - 4)
        if struct.unpack("!i", body[:4])[0] not in (_SSL, _GSS):
            return struct.pack("!i", length) + body
        client.sendall(b"N")


def _without_options(startup: bytes) -> bytes:
    words = startup[8:].split(b"\0")
    at = words.index(b"options")
    body = startup[4:8] + b"\0".join(words[:at] + words[at + 2 :])
    return struct.pack("!i", len(body) + 4) + body


def _error(message: str) -> bytes:
    body = b"".join(each.encode() + b"\0" for each in ("SFATAL", "C08P01", f"M{message}")) + b"\0"
    return b"E" + struct.pack("!i", len(body) + 4) + body


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while block := source.recv(65536):
            target.sendall(block)
        target.shutdown(socket.SHUT_WR)


def _carry_messages(server: socket.socket, client: socket.socket, *, loses: bool) -> None:
    while True:
        head = _read(server, 5)
        (length,) = struct.unpack("!i", head[1:])
        body = _read(server, length - 4)
        if not (loses and head[:1] == _NOTIFICATION):
            client.sendall(head + body)


def _read(source: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        block = source.recv(count - len(found))
        if not block:
            raise EOFError
        found += block
    return found
