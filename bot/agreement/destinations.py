"""Other tools that hear of events by something else than HTTP."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator

from bot.agreement.fields import Text, Variable
from bot.agreement.webhooks import Told
from bot.agreement.wording import shown

_SCHEMES = ("tls", "nats")


def _nats_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        fits = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:  # no port, or brackets without an end
        fits = False
    if not fits:
        raise ValueError(
            f'{shown(value)} is not the address of a NATS server; write "tls://nats.example.com:4222"'
        )
    return value


def _subject(value: str) -> str:
    tokens = value.split(".")
    if not all(tokens) or any(each in "*>" or not each.isprintable() or " " in each for each in tokens):
        raise ValueError(f'{shown(value)} cannot begin a subject; write words with dots, such as "baton"')
    return value


class Nats(Told):
    """A stream on a NATS server, which keeps each event under `<prefix>.<type>.<lead>`.

    `secret_env` names the environment variable with `user:password` or a token, if the server wants one.
    `ca_file` has the certificates by which the server's is judged, if the system's do not know it.
    """

    type: Literal["nats"]
    url: Annotated[Text, AfterValidator(_nats_address)]
    prefix: Annotated[Text, AfterValidator(_subject)] = "baton"
    secret_env: Variable | None = None
    ca_file: Text | None = None
