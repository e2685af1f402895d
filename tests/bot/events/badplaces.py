"""Places that Baton must not trust: a server with an expired certificate, and names that lead elsewhere."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ThreadedResolver, web
from aiohttp.abc import ResolveResult

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl")


def expired_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that ran out yesterday, and its key."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    asked, name = folder / "asked.pem", ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    of = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", *name]
    signed = ["-signkey", str(key), "-days", "-1", "-copy_extensions", "copy", "-out", str(cert)]
    for command in (
        ["openssl", "req", "-new", *of, "-keyout", str(key), "-out", str(asked)],
        ["openssl", "x509", "-req", "-in", str(asked), *signed],
    ):
        subprocess.run(command, check=True, capture_output=True)
    return cert, key


@asynccontextmanager
async def expired_server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Its address. The certificate's maker is trusted, so that only its end is wrong with it."""
    cert, key = expired_certificate(folder)
    trusting = ssl.create_default_context(cafile=str(cert))
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", trusting)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    runner = web.AppRunner(web.Application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    try:
        yield f"https://localhost:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def lead_inside(monkeypatch: pytest.MonkeyPatch, address: str = "10.0.0.5") -> None:
    """Let every name be that of a machine in a private network."""

    changing_name(monkeypatch, [address])


def changing_name(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> None:
    """Let every name be that of the next of these machines each time it is asked for; the last one stays."""

    async def resolve(_self: object, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        address = addresses.pop(0) if len(addresses) > 1 else addresses[0]
        return [ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)]

    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)
