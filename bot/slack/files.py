"""Files in Slack: fetched from where a person put them, and sent to a person.

What is in them is the business of whoever asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

_CHUNK = 1 << 16
_SECONDS = 60


class FileUnreachable(Exception):
    """A file cannot be had; the text says in a sentence why and what to do."""


@dataclass(frozen=True, slots=True)
class SlackFile:
    """A file that somebody put into a form. `size` is in bytes, as Slack says."""

    id: str
    name: str
    size: int
    url: str


async def fetch(client: AsyncWebClient, file: SlackFile, into: Path, *, most: int) -> None:
    """Write a file's bytes, no more than `most`. Raises FileUnreachable.

    The bot's token goes to Slack alone, whatever address the file claims to have.
    """
    host, own = urlsplit(file.url), urlsplit(client.base_url)
    to_slack = host.scheme == "https" and (host.hostname or "").endswith(".slack.com")
    if not to_slack and host.netloc != own.netloc:
        raise FileUnreachable("Slack gave no address for it. Add the file again.")
    if client.session is None:
        raise FileUnreachable("Baton is not connected to Slack. Add the file again later.")
    try:
        async with client.session.get(
            file.url,
            headers={"Authorization": f"Bearer {client.token}"},
            proxy=client.proxy,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=_SECONDS),
        ) as answer:
            if answer.status != 200 or answer.content_type == "text/html":
                raise FileUnreachable(
                    "Slack does not let me read files. Ask an admin to add the scope files:read to the app."
                )
            await _write(answer, into, most)
    except (aiohttp.ClientError, TimeoutError):
        raise FileUnreachable("Slack did not send it. Add the file again.") from None


async def _write(answer: aiohttp.ClientResponse, into: Path, most: int) -> None:
    written = 0
    with into.open("wb") as file:
        async for chunk in answer.content.iter_chunked(_CHUNK):
            written += len(chunk)
            if written > most:
                raise FileUnreachable("It is larger than Slack said. Import it in the terminal.")
            file.write(chunk)


async def send(client: AsyncWebClient, user: str, file: Path, comment: str) -> None:
    """Send a file to a person, with a sentence. Raises what Slack refuses, as slack_sdk tells it."""
    opened = await client.conversations_open(users=user)
    await client.files_upload_v2(
        file=str(file), filename=file.name, channel=opened["channel"]["id"], initial_comment=comment
    )
