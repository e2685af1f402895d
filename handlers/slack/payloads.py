"""Slack's payloads as typed values; beyond this file nobody knows how they are laid out."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import HandoffNotFound
from bot.pressed import Pressed, press, send
from bot.slack.files import SlackFile
from bot.views.ids import SEAL, FormContext
from bot.views.text import unescape
from storage.models.vocabulary import Word, member_of

Body = Mapping[str, Any]

_NUMBER = re.compile(r"[0-9]{1,18}")
_LINK = re.compile(r"<(?:mailto:|tel:)?([^@#!|<>\s][^|<>]*)(?:\|([^<>]*))?>")


def user_of(body: Body) -> str:
    """Who clicked, submitted, typed, or wrote what an event tells of."""
    if "event" in body:
        return str(body["event"]["user"])
    return str(body["user_id"] if "command" in body else body["user"]["id"])


@dataclass(frozen=True, slots=True)
class Click:
    """A button of a lead, on its card or on its row of a list: the value is the handoff's id.

    `in_modal`: a form that it opens stands on top of that modal.
    """

    user: str
    handoff_id: int
    trigger_id: str
    in_modal: bool = False

    @classmethod
    def of(cls, body: Body) -> Click:
        """Raises HandoffNotFound for a value that is no handoff's: the button is from another time."""
        number = str(body["actions"][0].get("value", ""))
        return cls(user_of(body), _handoff(body, number), str(body["trigger_id"]), is_modal(body))


def is_modal(body: Body) -> bool:
    """Whether somebody clicked in a modal."""
    return bool((body.get("view") or {}).get("type") == "modal")


@dataclass(frozen=True, slots=True)
class Picked:
    """What was chosen from a menu of a message, and the handoff that it is about."""

    user: str
    choice: str
    handoff_id: int
    trigger_id: str

    @classmethod
    def of_card(cls, body: Body) -> Picked:
        """From the menu of a card, whose values are a choice, a colon and the handoff's id."""
        choice, _, number = _value(body).partition(":")
        return cls(user_of(body), choice, _handoff(body, number), str(body["trigger_id"]))

    @classmethod
    def of_row(cls, body: Body) -> Picked:
        """From a menu in a row of a message, whose block_id ends in the handoff's id."""
        number = str(body["actions"][0].get("block_id", "")).rpartition(":")[2]
        return cls(user_of(body), _value(body), _handoff(body, number), str(body["trigger_id"]))


def pressed(body: Body) -> str:
    """The value of the button, or of what was chosen from the menu."""
    return _value(body) or str(body["actions"][0].get("value", ""))


def _value(body: Body) -> str:
    return str(body["actions"][0].get("selected_option", {}).get("value", ""))


def number_in(text: str) -> int:
    """An id that a button or a box bears. Raises ValueError for what is none."""
    if not _NUMBER.fullmatch(text):
        raise ValueError("no id")
    return int(text)


def _handoff(body: Body, value: str) -> int:
    """The handoff's id; what was pressed is noted, with its token, where it stays in Slack."""
    number, _, token = value.partition(SEAL)
    if not _NUMBER.fullmatch(number):
        raise HandoffNotFound(0)
    if token or _stays(body):
        press(Pressed(int(number), token))
    return int(number)


def _stays(body: Body) -> bool:
    """Whether somebody clicked in a message that all see, or on Home: neither in an answer nor in a form."""
    if (view := body.get("view")) is not None:
        return bool(view.get("type") == "home")
    container = body.get("container") or {}
    return bool(container.get("type") == "message" and not container.get("is_ephemeral"))


@dataclass(frozen=True, slots=True)
class Form:
    """What a modal holds at this moment. `entered` has the text, the choice or the day by block_id, `ticked`
    each box that is ticked, with its block_id, `files` what was put into it."""

    user: str
    view_id: str
    metadata: str
    entered: Mapping[str, str]
    over_another: bool = False
    ticked: tuple[tuple[str, str], ...] = ()
    files: tuple[SlackFile, ...] = ()

    @classmethod
    def of(cls, body: Body) -> Form:
        """The modal that was submitted, or in which something was chosen."""
        view = body["view"]
        if body.get("type") == "view_submission" and view.get("hash"):
            send(f"{view['id']}:{view['hash']}")
        entered = {
            block_id: text
            for block_id, elements in view["state"]["values"].items()
            for state in elements.values()
            if (text := _text(state))
        }
        over_another = bool(view.get("previous_view_id"))
        ticked = tuple(
            (block_id, str(box["value"]))
            for block_id, elements in view["state"]["values"].items()
            for state in elements.values()
            for box in state.get("selected_options") or ()
        )
        states = (s for elements in view["state"]["values"].values() for s in elements.values())
        files = tuple(_file(each) for state in states for each in state.get("files") or ())
        user, view_id, metadata = user_of(body), str(view["id"]), str(view["private_metadata"])
        return cls(user, view_id, metadata, entered, over_another, ticked, files)

    def ticked_in(self, field: str) -> tuple[str, ...]:
        """What is ticked in the boxes whose block_ids begin so."""
        return tuple(value for block_id, value in self.ticked if block_id.startswith(field))

    def choice(self, field: str, words: type[Word]) -> Word | None:
        """What was chosen of a vocabulary; None where nothing was, or a word from another time."""
        return member_of(words, self.entered.get(field))


def _file(told: Mapping[str, Any]) -> SlackFile:
    address = told.get("url_private_download") or told.get("url_private") or ""
    return SlackFile(
        str(told["id"]), str(told.get("name") or "leads.csv"), int(told.get("size") or 0), str(address)
    )


def _text(state: Mapping[str, Any]) -> str:
    chosen = state.get("selected_option")
    keys = ("value", "selected_date", "selected_user", "selected_conversation")
    plain = next((state[key] for key in keys if state.get(key)), None)
    return str(chosen["value"] if chosen else plain or "").strip()


def inside(callback_id: str) -> Callable[[Body], Awaitable[bool]]:
    """A matcher for what was chosen in one kind of modal, where several have a menu of the same name."""

    async def is_inside(body: Body) -> bool:
        return bool(body.get("view", {}).get("callback_id") == callback_id)

    return is_inside


def inputs_of(body: Body) -> tuple[str, ...]:
    """The block_ids of a modal's inputs, in order: where an error can stand."""
    blocks = body.get("view", {}).get("blocks", ())
    return tuple(str(block["block_id"]) for block in blocks if block["type"] == "input")


def typed_text(body: Body) -> str:
    """What somebody typed, as they typed it: Slack escapes signs, and makes links of addresses."""
    return unescape(_LINK.sub(lambda link: link[2] or link[1], str(body.get("text") or "")))


@dataclass(frozen=True, slots=True)
class Typed:
    """A slash command, or a message like one: its first word, in small letters, and the rest."""

    word: str
    rest: str

    @classmethod
    def of(cls, body: Body) -> Typed:
        """From the body of a command, or an event that tells of a message."""
        word, *rest = typed_text(body).split(maxsplit=1) or [""]
        return cls(word.lower(), "".join(rest).strip())


def form_context(form: Form) -> FormContext:
    """Which handoff a form is about, as it was opened. Raises ValidationError for foreign metadata."""
    return FormContext.model_validate_json(form.metadata)
