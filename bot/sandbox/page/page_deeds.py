"""What a person can do on the page, as a table of deeds; each hands over to `people` and says how it went."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any

from bot.sandbox.scenario.choices import entered
from bot.sandbox.scenario.people import Deed, find_element
from bot.sandbox.slack.dispatch import Ack
from bot.sandbox.slack.errors import NotPossible
from bot.sandbox.slack.model import JsonDict, Message, Person, View

if TYPE_CHECKING:  # the page serves the deeds, and the deeds read the page
    from bot.sandbox.page.page_api import Page

LATE = "The bot did not answer in time."
UNREACHED = "The bot could not be reached."

Do = Callable[["Page", str, JsonDict], Awaitable[JsonDict]]


async def click(page: Page, user: str, body: JsonDict) -> JsonDict:
    """Press or choose something in a message."""
    message = _message(page, body)
    deed = await page.sandbox.people.click(
        user,
        message,
        _text(body, "action"),
        value=body.get("value"),
        block_id=_text(body, "block"),
        late=True,
    )
    return told(deed)


async def press(page: Page, user: str, body: JsonDict) -> JsonDict:
    """Press or choose something in a modal or on Home, outside its input blocks."""
    view = _view(page, user, body)
    return told(
        await page.sandbox.people.press(
            view, _text(body, "action"), value=body.get("value"), block_id=_text(body, "block")
        )
    )


async def fill(page: Page, user: str, body: JsonDict) -> JsonDict:
    """Enter something into an input block that reports each entry."""
    view = _view(page, user, body)
    deed = await page.sandbox.people.fill(view, _text(body, "block"), body.get("value"))
    return told(deed) if deed else {}


async def submit(page: Page, user: str, body: JsonDict) -> JsonDict:
    """Send a modal with what was entered."""
    return told(await page.sandbox.people.submit(_view(page, user, body)))


async def close(page: Page, user: str, body: JsonDict) -> JsonDict:
    """Close the modal on top, or with `clear` all of them."""
    await page.sandbox.people.close(_view(page, user, body), clear=bool(body.get("clear")))
    return {}


async def suggest(page: Page, user: str, body: JsonDict) -> JsonDict:
    """Ask the bot for the options of an external select."""
    view = _view(page, user, body) if body.get("view") else None
    blocks = view.blocks if view else _message(page, body).blocks
    query, block = _text(body, "query"), _text(body, "block")
    return {"options": await page.sandbox.people.suggestions(view, blocks, block, query, user)}


async def command(page: Page, user: str, body: JsonDict) -> JsonDict:
    """Type a slash command."""
    name, text = _text(body, "name"), _text(body, "text")
    deed = await page.sandbox.people.command(user, name, text, channel=_text(body, "channel"))
    return {"answered": deed.answer is not None}


async def write(page: Page, user: str, body: JsonDict) -> JsonDict:
    """Say something in a channel or a thread; names and signs go out as Slack's own box sends them."""
    text = mentioning(_text(body, "text"), page.sandbox.workspace.people.values())
    if not text.strip():
        raise NotPossible("write something first")
    channel = _text(body, "channel")
    message = await page.sandbox.people.write(user, channel, text, thread_ts=_text(body, "thread"))
    page.read_up_to[user, message.channel] = message.ts
    return {"ts": message.ts}


def mentioning(text: str, people: Iterable[Person]) -> str:
    """The text with each `@Full Name` of somebody here as a mention, which is what Slack sends."""
    ids = {person.real_name.lower(): person.id for person in people}
    names = "|".join(re.escape(name) for name in sorted(ids, key=len, reverse=True))
    named = re.compile(rf"(?<![\w<@])@({names})(?!\w)", re.IGNORECASE)
    return named.sub(lambda found: f"<@{ids[found[1].lower()]}>", text)


async def home(page: Page, user: str, body: JsonDict) -> JsonDict:
    """Open the app, at its Home or at its messages."""
    tab = "messages" if body.get("tab") == "messages" else "home"
    ack = await page.sandbox.people.open_home(user, tab)
    return heard(ack) if ack else {}


async def delete(page: Page, user: str, body: JsonDict) -> JsonDict:
    """Delete a message."""
    await page.sandbox.people.delete(user, _message(page, body))
    return {}


async def shortcut(page: Page, user: str, body: JsonDict) -> JsonDict:
    """Use a shortcut, on a message if one is named."""
    message = _message(page, body) if body.get("ts") else None
    return heard(await page.sandbox.people.shortcut(user, _text(body, "callback"), message=message))


async def read(page: Page, user: str, body: JsonDict) -> JsonDict:
    """Note up to which message a channel has been read."""
    page.read_up_to[user, _text(body, "channel")] = _text(body, "ts")
    return {}


DEEDS: dict[str, Do] = {
    deed.__name__: deed
    for deed in (click, press, fill, submit, close, suggest, command, write, home, delete, shortcut, read)
}
"""The deeds by the word that the page sends as `do`."""


def told(deed: Deed) -> JsonDict:
    """What came of a deed: the faults that the modal shows, or that the bot was not there."""
    if deed.ack is None:
        return {"errors": deed.errors}
    return heard(deed.ack) | {"errors": deed.errors}


def heard(ack: Ack) -> JsonDict:
    """How the bot took it: real milliseconds, and a sentence if it did not."""
    if ack.ok:
        return {"ms": ack.ms}
    return {"ok": False, "ms": ack.ms, "error": LATE if ack.error == "timeout" else UNREACHED}


def _message(page: Page, body: JsonDict) -> Message:
    found = page.sandbox.workspace.message(_text(body, "channel"), _text(body, "ts"))
    if found is None:
        raise NotPossible("this message is no longer there")
    return found


def _view(page: Page, user: str, body: JsonDict) -> View:
    """The modal or Home that is meant, with everything noted that was entered and not yet sent."""
    view = page.sandbox.workspace.view(_text(body, "view"))
    if view is None or view.user != user:
        raise NotPossible("this is no longer open")
    for block_id, action_id, value in body.get("entries", []):
        _enter(page, view, block_id, action_id, value)
    return view


def _enter(page: Page, view: View, block_id: str, action_id: str, value: Any) -> None:
    if block_id not in {block["block_id"] for block in view.blocks}:
        return  # the bot has taken the input away meanwhile
    _, element = find_element(view.blocks, action_id, block_id)
    if element["type"] == "file_input":
        put = page.sandbox.people.put_file
        value = [put(view.user, str(each["name"]), str(each["text"]).encode()) for each in value or ()]
    view.values.setdefault(block_id, {})[action_id] = entered(element, value)


def _text(body: JsonDict, name: str) -> str:
    value = body.get(name, "")
    return value if isinstance(value, str) else ""
