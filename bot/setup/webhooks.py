"""What `check` says of the tools that are to hear of events. Nothing is sent to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.agreement import Agreement
from bot.agreement.webhooks import Webhook
from bot.events.addresses import fault_of
from bot.events.signing import BadSecret, key_of
from bot.events.types import KNOWN, unknown_patterns


@dataclass(frozen=True, slots=True)
class WebhookFault:
    """What is wrong with a destination, and what to do; with `warns` it works all the same."""

    name: str
    says: str
    warns: bool = False


def webhook_faults(agreement: Agreement, secret: Callable[[str], str | None]) -> Iterator[WebhookFault]:
    """Everything that keeps a destination from being told; `secret` looks a variable up."""
    for hook in agreement.webhooks:
        if fault := fault_of(hook.url, allow_private=hook.allow_private):
            yield WebhookFault(hook.name, f"its url {fault}")
        yield from (WebhookFault(hook.name, says) for says in _secrets(hook, secret))
        for pattern in unknown_patterns(hook.events):
            says = f'"{pattern}" fits no event. There are: {", ".join(sorted(KNOWN))}.'
            yield WebhookFault(hook.name, says, warns=True)


def _secrets(hook: Webhook, secret: Callable[[str], str | None]) -> Iterator[str]:
    for variable in hook.secret_env:
        value = secret(variable)
        if value is None:
            yield f"{variable} is not set. Put the secret into it that both sides share."
            continue
        try:
            key_of(value)
        except BadSecret as error:
            yield f"{variable} {error}"
