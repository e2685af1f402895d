"""What `check` says of the streams that are to keep events: each is called, and nothing is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.agreement.destinations import Nats
from bot.events.jetstream import fault_of_address
from bot.events.reaching import Secrets, stream
from bot.events.signing import BadSecret
from bot.events.types import KNOWN, is_among, unknown_patterns
from bot.setup.findings import Finding


async def destination_findings(table: Nats, secrets: Secrets) -> AsyncIterator[Finding]:
    """Everything that keeps a stream from being told; if it is nothing, that it is well."""
    what, well = f"destination {table.name}", True
    for pattern in unknown_patterns(table.events):
        well = False
        says = f'"{pattern}" matches no event. There are: {", ".join(sorted(KNOWN))}.'
        yield Finding(what, True, says, warns=True)
    async for says in _faults(table, secrets):
        well = False
        yield Finding.fault(what, says)
    if well:
        yield Finding.well(what, f"{table.url} keeps {table.prefix}.>; try it with webhooks test")


async def _faults(table: Nats, secrets: Secrets) -> AsyncIterator[str]:
    if fault := fault_of_address(table):
        yield f"its url {fault}"
        return
    try:
        sink = stream(table, secrets)
    except BadSecret as error:
        yield str(error)
        return
    try:
        async for says in sink.missing([name for name in sorted(KNOWN) if is_among(name, table.events)]):
            yield f"{says}."
    finally:
        await sink.close()
