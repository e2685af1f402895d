"""Debian's nats-server on this machine: begun and ended by a test, with streams that outlast it."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.js.api import StreamConfig
from nats.js.client import JetStreamContext

BINARY = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin")
needs_server = pytest.mark.skipif(BINARY is None, reason="there is no nats-server (Debian: nats-server)")


@dataclass
class Server:
    """A server with its own folder; `lines` are further ones of its configuration."""

    folder: Path
    port: int
    jetstream: bool = True
    lines: tuple[str, ...] = ()
    login: str = ""
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def begin(self) -> None:
        """Start it and wait until it answers."""
        store = f'jetstream {{ store_dir: "{self.folder}" }}' if self.jetstream else ""
        config = self.folder / "server.conf"
        config.write_text("\n".join((f'listen: "127.0.0.1:{self.port}"', store, *self.lines)))
        assert BINARY is not None
        command = [BINARY, "-c", str(config), "-l", str(self.folder / "log")]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        for _ in range(500):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError((self.folder / "log").read_text())

    def end(self) -> None:
        """Kill it; what it has acknowledged stays in its folder."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    async def make_stream(
        self, *subjects: str, at: str | None = None, login: Mapping[str, Any] | None = None, **more: Any
    ) -> None:
        """A stream that keeps these subjects, made over the address `at` where there is another."""
        client = await nats.connect(at or self.url, **(login or {}))
        config = StreamConfig(name="BATON", subjects=list(subjects), **more)
        await client.jetstream().add_stream(config)
        await client.close()

    async def kept(self) -> list[tuple[str, dict[str, Any], str]]:
        """All that the stream has, in its order: subject, body, id."""
        client = await nats.connect(self.url)
        try:
            return await _all_of(client.jetstream())
        finally:
            await client.close()


async def _all_of(stream: JetStreamContext) -> list[tuple[str, dict[str, Any], str]]:
    state = (await stream.stream_info("BATON")).state
    kept = [await stream.get_msg("BATON", number) for number in range(1, state.last_seq + 1)]
    return [
        (each.subject or "", json.loads(each.data or b""), (each.headers or {})["Nats-Msg-Id"])
        for each in kept
    ]


@contextmanager
def serving(folder: Path, **fields: Any) -> Iterator[Server]:
    """A server that runs until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Server(folder, port, **fields)
    server.begin()
    try:
        yield server
    finally:
        server.end()
