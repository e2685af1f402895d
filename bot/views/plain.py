"""The same message in a form that nothing can be wrong with: its texts, and buttons that still work.

For a Slack that refuses a message as Baton draws it. What cannot be said so simply, a chart or a picture, is
left out; the message's own text says what it is about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.views.blocks import Block
from bot.views.message import Rendered
from bot.views.text import clip, cut

TEXT = 2900
LABEL, VALUE, ADDRESS, ID = 75, 2000, 3000, 255
MOST_IN_A_FORM = 100
_OF_A_FORM = ("type", "callback_id", "title", "submit", "close", "private_metadata")
_DECORATION = ("placeholder", "focus_on_load", "confirm", "filter", "min_length")
OPTIONS = {"overflow": 5, "static_select": 100}


def plainly(message: Rendered) -> Rendered:
    """The message again, without whatever Slack may have refused. Its blocks are texts and buttons alone."""
    blocks: list[Block] = []
    for block in message.blocks:
        blocks += _plain(block)
    if not any(block["type"] == "section" for block in blocks):
        blocks.insert(0, _section(message.text))
    return type(message)(message.text, _named_once(blocks)[: message.MOST_BLOCKS])


def _plain(block: Mapping[str, Any]) -> Iterator[Block]:
    elements = [*(block.get("elements") or ()), block.get("accessory")]
    buttons = [plain for one in elements if isinstance(one, dict) and (plain := _element(one))]
    if block.get("type") != "actions" and (text := "\n".join(_texts(_without_buttons(block))).strip()):
        yield _section(text)
    row: list[Block] = []
    for button in buttons:
        if any(button["action_id"] == other["action_id"] for other in row) or len(row) == 5:
            yield {"type": "actions", "elements": row}
            row = []
        row.append(button)
    if row:
        yield {"type": "actions", "elements": row, "block_id": clip(str(block.get("block_id") or ""), ID)}


def _without_buttons(block: Mapping[str, Any]) -> Any:
    if block.get("type") == "context":
        return block.get("elements")
    return [block.get("text"), block.get("fields"), block.get("rows"), block.get("title")]


def _texts(value: Any) -> Iterator[str]:
    """Every text in there, in order."""
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        own = value.get("text")
        if isinstance(own, str):
            yield own
        else:
            yield from _texts([item for name, item in value.items() if name != "accessory"])


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut(text, TEXT)}}


def _element(element: Mapping[str, Any]) -> Block | None:
    """A button or a menu with nothing but what it needs; None for anything else, and for what has no id."""
    kind, action_id = element.get("type"), clip(str(element.get("action_id") or ""), ID)
    if not action_id:
        return None
    if kind == "button":
        label = str((element.get("text") or {}).get("text") or action_id)
        plain: Block = {"type": kind, "action_id": action_id, "text": _plain_text(label)}
        if value := clip(str(element.get("value") or ""), VALUE):
            plain["value"] = value
        if 0 < len(address := str(element.get("url") or "")) <= ADDRESS:
            plain["url"] = address
        return plain
    if kind not in OPTIONS:
        return None
    given = [*(element.get("options") or ()), *_grouped(element)]
    options = [option for one in given if (option := _option(one))][: OPTIONS[kind]]
    return {"type": kind, "action_id": action_id, "options": options} if options else None


def _grouped(element: Mapping[str, Any]) -> list[Any]:
    return [option for group in element.get("option_groups") or () for option in group.get("options", ())]


def _option(option: Mapping[str, Any]) -> Block | None:
    label, value = str((option.get("text") or {}).get("text") or ""), str(option.get("value") or "")
    if not label or not 0 < len(value) <= 2 * LABEL:
        return None
    return {"text": _plain_text(label), "value": value}


def _plain_text(text: str) -> Block:
    return {"type": "plain_text", "text": text if len(text) <= LABEL else f"{text[: LABEL - 1]}…"}


def _named_once(blocks: list[Block]) -> list[Block]:
    """The blocks, each of their ids once: a second one of a name goes without."""
    seen: set[str] = set()
    for block in blocks:
        name = block.pop("block_id", "")
        if name and name not in seen:
            seen.add(name)
            block["block_id"] = name
    return blocks


def plain_form(view: Mapping[str, Any]) -> Block:
    """A modal again, with its inputs and texts and without any decoration that Slack may have refused."""
    kept = {name: view[name] for name in _OF_A_FORM if name in view}
    blocks: list[Block] = []
    for block in view.get("blocks", ()):
        blocks += [_plain_input(block)] if block.get("type") == "input" else _plain(block)
    return {**kept, "blocks": _named_once(blocks)[:MOST_IN_A_FORM]}


def _plain_input(block: Mapping[str, Any]) -> Block:
    element = {name: value for name, value in block["element"].items() if name not in _DECORATION}
    label = _plain_text(str(block["label"]["text"]))
    kept = {name: block[name] for name in ("block_id", "optional", "dispatch_action") if name in block}
    return {"type": "input", **kept, "label": label, "element": element}
