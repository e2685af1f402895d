"""How each tool of the agreement is reached: which kind of destination it is, with which secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from hashlib import blake2b

from bot.agreement import Agreement
from bot.agreement.destinations import Nats
from bot.agreement.fields import Frozen
from bot.agreement.webhooks import Told, Workflow
from bot.agreement.webhooks import Webhook as WebhookTable
from bot.clock import Clock
from bot.events.jetstream import JetStream
from bot.events.signing import BadSecret, key_of
from bot.events.sinks import Sink, Subscription
from bot.events.webhook import Webhook
from bot.events.workflow import SlackWorkflow

Secrets = Callable[[str], str | None]
"""Looks up the environment variable that an agreement names."""


def subscriptions(agreement: Agreement, secrets: Secrets, clock: Clock) -> list[Subscription]:
    """Every tool that hears of events, without the CRM."""
    return [
        *(
            _subscription(
                hook, partial(_webhook, hook, secrets, clock), setup(hook, hook.secret_env, secrets)
            )
            for hook in agreement.webhooks
        ),
        *(
            _subscription(each, partial(stream, each, secrets), setup(each, (each.secret_env,), secrets))
            for each in agreement.destinations
        ),
        *(
            _subscription(
                each, partial(_workflow, each, secrets, clock), setup(each, (each.url_env,), secrets)
            )
            for each in agreement.workflows
        ),
    ]


def setup(table: Frozen, variables: Iterable[str | None], secrets: Secrets) -> str:
    """What is another once anything of a table has changed, or the value of one of these variables."""
    values = [secrets(name) for name in variables if name]
    return f"{table.model_dump_json()} {blake2b(repr(values).encode()).hexdigest()}"


def stream(table: Nats, secrets: Secrets) -> JetStream:
    """A stream, with its login. Raises BadSecret."""
    return JetStream(table, _secret(secrets, table.secret_env) if table.secret_env else None)


def key(secrets: Secrets, name: str) -> bytes:
    """The bytes of the key in a variable. Raises BadSecret."""
    value = _secret(secrets, name)
    try:
        return key_of(value)
    except BadSecret as error:
        raise BadSecret(f"{name} {error}") from None


def _secret(secrets: Secrets, name: str) -> str:
    if not (value := secrets(name)):
        raise BadSecret(f"{name} is not set. Put the secret that both sides share into it.")
    return value


def _webhook(hook: WebhookTable, secrets: Secrets, clock: Clock) -> Webhook:
    keys = tuple(key(secrets, name) for name in hook.secret_env)
    return Webhook(hook.url, keys, clock, allow_private=hook.allow_private)


def workflow_address(table: Workflow, secrets: Secrets) -> str:
    """The address at which a workflow begins. Raises BadSecret."""
    if not (url := secrets(table.url_env)):
        raise BadSecret(f"{table.url_env} is not set. Put the address that Workflow Builder shows into it.")
    return url


def _workflow(table: Workflow, secrets: Secrets, clock: Clock) -> SlackWorkflow:
    return SlackWorkflow(workflow_address(table, secrets), clock, allow_private=table.allow_private)


def _subscription(table: Told, reach: Callable[[], Sink], setup: str) -> Subscription:
    return Subscription(table.name, table.events, table.teams, setup, reach)
