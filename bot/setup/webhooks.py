"""What `check` says of the tools that are to hear of events. Nothing is sent to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.agreement import Agreement
from bot.agreement.webhooks import Told, Webhook
from bot.events.addresses import fault_of
from bot.events.reaching import workflow_address
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
        yield from _unknown(hook)


def workflow_faults(agreement: Agreement, secret: Callable[[str], str | None]) -> Iterator[WebhookFault]:
    """The same of the workflows of Slack that begin when something happens."""
    for table in agreement.workflows:
        try:
            fault = fault_of(workflow_address(table, secret), allow_private=table.allow_private)
        except BadSecret as error:
            yield WebhookFault(table.name, str(error))
        else:
            if fault:
                yield WebhookFault(table.name, f"the address in {table.url_env} {fault}")
        yield from _unknown(table)


def _unknown(table: Told) -> Iterator[WebhookFault]:
    for pattern in unknown_patterns(table.events):
        says = f'"{pattern}" matches no event. There are: {", ".join(sorted(KNOWN))}.'
        yield WebhookFault(table.name, says, warns=True)


def _secrets(hook: Webhook, secret: Callable[[str], str | None]) -> Iterator[str]:
    for variable in hook.secret_env:
        value = secret(variable)
        if value is None:
            yield f"{variable} is not set. Put the secret that both sides share into it."
            continue
        try:
            key_of(value)
        except BadSecret as error:
            yield f"{variable} {error}"
