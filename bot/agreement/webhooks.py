"""Other tools that hear of events."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from bot.agreement.fields import Flag, Frozen, Label, Text, Variable, Variables, WebAddress
from storage.models import EventKind

EventPattern = Annotated[Text, Field(pattern=r"^(\*|[a-z_]+(\.[a-z_]+)*(\.\*)?)$")]


class Told(Frozen):
    """Another tool that hears of events. With `teams` only what happens to their handoffs is told.

    With `allow_private` it may be in a network of the company's own.
    """

    name: Label
    events: Annotated[tuple[EventPattern, ...], Field(min_length=1)] = ("*",)
    teams: tuple[Label, ...] = ()
    allow_private: Flag = False


class Workflow(Told):
    """A workflow of Slack that begins when something happens; by itself when a lead is accepted or rejected.

    `url_env` names the environment variable with its address: whoever knows that can begin it.
    """

    name: Label
    url_env: Variable
    events: Annotated[tuple[EventPattern, ...], Field(min_length=1)] = (
        EventKind.ACCEPTED.value,
        EventKind.REJECTED.value,
    )


class Webhook(Told):
    """A tool that is called over HTTP, and the environment variables that hold the secrets they share.

    Two secrets are for changing one: each message is signed with both. `name` is the address's host if it is
    not given.
    """

    url: WebAddress
    secret_env: Annotated[Variables, Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _named(cls, data: Any) -> Any:
        if isinstance(data, dict) and "name" not in data and isinstance(data.get("url"), str):
            try:
                host = urlsplit(data["url"]).hostname
            except ValueError:  # the address itself is what is wrong
                host = None
            return {**data, "name": host or "webhook"}
        return data
