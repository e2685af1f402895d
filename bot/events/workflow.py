"""A destination that is a workflow of Slack: each event begins it once, with variables for its steps.

Slack has no trigger of an app's own for Workflow Builder; a workflow that starts from a webhook takes a flat
object of texts, with exactly the variables that it names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from bot.clock import Clock
from bot.events.sinks import Answer, Message, Verdict
from bot.events.webhook import Webhook

VARIABLES: Final = (
    *("event", "at", "lead", "name", "email", "company", "stage"),
    *("team", "owner", "actor", "reason", "note"),
)
"""What a workflow is told, each a text; empty where there is none."""

_REFUSED = "does it take exactly these variables, as text: " + ", ".join(VARIABLES)


class SlackWorkflow:
    """Begins one workflow."""

    def __init__(self, url: str, clock: Clock, *, allow_private: bool = False) -> None:
        self._webhook = Webhook(url, (), clock, allow_private=allow_private)

    async def send(self, batch: Sequence[Message]) -> Sequence[Answer]:
        """Begin it once for each message."""
        answers = await self._webhook.send([replace(each, body=_variables(each)) for each in batch])
        return [
            Answer(Verdict.REFUSED, f"{answer.why}; is the workflow published, and {_REFUSED}?")
            if answer.verdict is Verdict.REFUSED
            else answer
            for answer in answers
        ]

    async def close(self) -> None:
        """Close the connections."""
        await self._webhook.close()


def _variables(message: Message) -> bytes:
    body: Mapping[str, Any] = json.loads(message.body)
    lead, handoff = body.get("lead") or {}, body.get("handoff") or {}
    name = " ".join(filter(None, (lead.get("first_name"), lead.get("last_name"))))
    said = {
        **{key: body.get(key) for key in ("at", "actor")},
        **{key: lead.get(key) for key in ("email", "company", "stage")},
        **{key: handoff.get(key) for key in ("team", "owner", "reason", "note")},
        "event": message.type.partition(".")[2] or message.type,
        "lead": lead.get("id"),
        "name": name,
    }
    return json.dumps({key: str(said.get(key) or "") for key in VARIABLES}, ensure_ascii=False).encode()
