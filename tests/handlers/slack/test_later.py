"""What is registered before it is loaded is there, and is called as if it had been."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import Any, cast

import pytest
from slack_bolt.async_app import AsyncApp

from handlers import register
from handlers.slack.later import Later, _awaited, load_all


class Listening:
    def __init__(self) -> None:
        self.listeners: list[Any] = []

    def __getattr__(self, _kind: str) -> Any:
        def register_for(*_what: Any, **_how: Any) -> Any:
            return self.listeners.append

        return register_for


def registered() -> list[Any]:
    app, nothing = Listening(), cast(Any, None)
    register(cast(AsyncApp, app), nothing, nothing, nothing, nothing)
    return [each.func if isinstance(each, partial) else each for each in app.listeners]


def test_every_listener_that_is_registered_is_in_its_module() -> None:
    later = [each for each in registered() if each.__module__ in _awaited]
    assert len(later) > 40
    missing = [each for each in later if not callable(getattr(import_module(each.__module__), each.__name__))]
    assert missing == []


def test_what_is_left_for_later_can_be_loaded_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    monkeypatch.setattr("handlers.slack.later.import_module", loaded.append)
    registered()
    load_all()
    assert {"handlers.slack.reject", "handlers.slack.digest"} <= set(loaded)
    assert loaded == sorted(_awaited)


async def test_a_listener_gets_what_it_takes_and_what_it_was_registered_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[Any] = []

    async def written(desk: str, once: str, ack: str, context: str) -> None:
        heard.extend((desk, once, ack, context))

    module = import_module("handlers.slack.talk")
    monkeypatch.setattr(module, "written", written)
    await partial(Later("talk").written, "desk", once="once")(ack="ack", body="body", context="context")
    assert heard == ["desk", "once", "ack", "context"]
