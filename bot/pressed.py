"""What a click or a sent form says of itself, known to the use case that it leads to."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from hmac import compare_digest

from bot.errors import AnotherCard


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button that was pressed where it had stayed: the handoff's id, and its token, if it has one."""

    handoff_id: int
    token: str


_PRESSED: ContextVar[Pressed | None] = ContextVar("pressed", default=None)


class SentTwice(Exception):
    """The form was sent before, as it was: it is recorded once."""


_SENT: ContextVar[str | None] = ContextVar("sent", default=None)


def send(view: str) -> None:
    """A form was sent, in this task; `view` names it and the state that it was in."""
    _SENT.set(view)


def sent_form() -> str | None:
    """The form that was sent, if one was."""
    return _SENT.get()


def press(pressed: Pressed) -> None:
    """A button was pressed, in this task."""
    _PRESSED.set(pressed)


def require_own(handoff_id: int, token: str | None) -> None:
    """Let pass a handoff whose own button was pressed, or that was named otherwise. Raises AnotherCard.

    A handoff without a token is one of a row that something else than Baton wrote.
    """
    pressed = _PRESSED.get()
    if pressed is None or pressed.handoff_id != handoff_id or token is None:
        return
    if not compare_digest(pressed.token.encode(), token.encode()):
        raise AnotherCard(handoff_id)
