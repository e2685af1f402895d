"""One label a button: every surface is looked at, and says on it what the table says."""

from __future__ import annotations

import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from types import CodeType, FrameType
from typing import Any

import pytest

import bot.views
from bot.agreement import Agreement, default_agreement
from bot.views import card as cards
from bot.views.blocks import Block, actions, button, section
from bot.views.ids import Action, Callback, More
from bot.views.labels import AGAIN, BUTTONS, MENU, MODALS, OTHER_SUBMITS, OTHER_TITLES, THEY
from bot.views.message import Rendered, rendered
from bot.views.modals.away import away_modal
from tests.bot.views import samples as s
from tests.bot.views.surfaces import everything

FREE = frozenset({Action.SHOW_FIGURE, Action.NUDGES, Action.DIGEST, Action.QUIET})
"""Menus outside modals that show what is chosen, or what they list, and no label."""


@pytest.fixture(scope="module")
def agreement() -> Agreement:
    return default_agreement().agreement


@pytest.fixture(scope="module")
def surfaces(agreement: Agreement) -> list[Rendered | Block]:
    return list(everything("x", agreement))


def differences(surface: Rendered | Block) -> Iterator[str]:
    """What a surface calls otherwise than the table does."""
    if isinstance(surface, Rendered):
        yield from _elements(surface.blocks)
        return
    yield from _elements(surface["blocks"])
    if "callback_id" in surface:
        callback = Callback(surface["callback_id"])
        title, submit = MODALS[callback]
        shown = surface["title"]["text"], surface["submit"]["text"]
        others = {(OTHER_TITLES.get(callback), submit), (title, OTHER_SUBMITS.get(callback))}
        if shown not in {(title, submit), *others}:
            yield f"modal {callback}: {shown}"


def _elements(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for value in part:
            yield from _elements(value)
    elif isinstance(part, dict) and part.get("type") in ELEMENTS:
        yield from ELEMENTS[part["type"]](part)
    elif isinstance(part, dict):
        yield from _elements(list(part.values()))


def _button(part: Block) -> Iterator[str]:
    action, label = Action(part["action_id"]), part["text"]["text"]
    if label not in (BUTTONS.get(action), AGAIN.get(action), THEY.get(action)):
        yield f"button {action}: {label}"
    heard = part.get("accessibility_label", label)
    if not heard.startswith(label.rstrip("…")):
        yield f"button {action} is heard as: {heard}"


def _overflow(part: Block) -> Iterator[str]:
    for option in part["options"]:
        choice, label = More(option["value"].partition(":")[0]), option["text"]["text"]
        if label != MENU[choice]:
            yield f"menu {choice}: {label}"


def _select(part: Block) -> Iterator[str]:
    action, label = Action(part["action_id"]), part["placeholder"]["text"]
    if action not in FREE and label != BUTTONS.get(action):
        yield f"menu {action}: {label}"


def _input(_part: Block) -> Iterator[str]:
    """What a form asks for is its own."""
    return iter(())


ELEMENTS = {"button": _button, "overflow": _overflow, "static_select": _select, "input": _input}


def test_every_button_menu_and_modal_is_called_as_the_table_says(surfaces: list[Rendered | Block]) -> None:
    assert {each for surface in surfaces for each in differences(surface)} == set()


def test_every_label_of_the_table_is_shown_somewhere(surfaces: list[Rendered | Block]) -> None:
    shown = str([surface.blocks if isinstance(surface, Rendered) else surface for surface in surfaces])
    labels = {
        *BUTTONS.values(),
        *AGAIN.values(),
        *THEY.values(),
        *MENU.values(),
        *(title for title, _ in MODALS.values()),
    }
    assert {label for label in labels if repr(label) not in shown} == set()


def _waiting_card() -> Rendered:
    return cards.card(s.WAITING, s.NOW)


PLANTED: dict[str, Callable[[], Rendered | Block]] = {
    "button lead_accept: Take": lambda: rendered("x", [actions([button("Take", Action.ACCEPT, "7")])]),
    "button lead_details: Open": lambda: rendered(
        "x", [section("x", accessory=button("Open", Action.DETAILS, "7"))]
    ),
    "button lead_reject is heard as: Turn down Jane": lambda: rendered(
        "x", [actions([button("Reject", Action.REJECT, "7", reads_as="Turn down Jane")])]
    ),
    "modal go_away: ('Go away…', 'Set away')": lambda: {**away_modal(), "title": {"text": "Go away…"}},
    "menu snooze: Put off": _waiting_card,
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_label_of_its_own_would_be_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "MENU", {**MENU, More.SNOOZE: "Put off"})
    assert fault in set(differences(PLANTED[fault]()))


# ---- whether all surfaces are looked at


def builders() -> dict[CodeType, str]:
    """Every public function of the views that makes a message, a page or a modal, by its code."""
    found = {}
    for info in pkgutil.walk_packages(bot.views.__path__, "bot.views."):
        for name, function in inspect.getmembers(import_module(info.name), inspect.isfunction):
            makes = function.__annotations__.get("return")
            public = not name.startswith("_") and function.__module__ == info.name
            if public and (makes in ("Rendered", "Page", "Rendered | None") or name.endswith("_modal")):
                found[function.__code__] = f"{info.name}.{name}"
    return found


def test_every_builder_is_among_the_surfaces(agreement: Agreement) -> None:
    missing = builders()
    assert len(missing) > 25

    def note(frame: FrameType, event: str, _arg: object) -> None:
        if event == "call":
            missing.pop(frame.f_code, None)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        for _ in everything("x", agreement):
            pass
    finally:
        sys.setprofile(before)
    assert sorted(missing.values()) == []
