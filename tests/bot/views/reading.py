"""Reads rendered blocks: as an outline that a person can compare, and piece by piece for assertions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.views.blocks import Block
from bot.views.message import Rendered


def outline(message: Rendered) -> str:
    """The message as plain lines: first the notification, then each block."""
    return "\n".join([f"({message.text})", *_lines(message.blocks)])


def view_outline(view: Block) -> str:
    """A modal as plain lines."""
    top = f"[{view['title']['text']}] {view['callback_id']} {view['private_metadata']}"
    return "\n".join([top, *_lines(view["blocks"]), f"[{view['submit']['text']}] [{view['close']['text']}]"])


def _lines(blocks: list[Block]) -> Iterator[str]:
    for block in blocks:
        yield f"-- {block['type']}{' ' + block['block_id'] if 'block_id' in block else ''}"
        match block["type"]:
            case "header":
                yield block["text"]["text"]
            case "section":
                yield from (text["text"] for text in block.get("fields", [block.get("text")]))
                yield from ([_button(block["accessory"])] if "accessory" in block else [])
            case "table":
                yield from (" | ".join(_cell(cell) for cell in row) for row in block["rows"])
            case "data_visualization":
                yield block["title"]
            case "context":
                yield from (element["text"] for element in block["elements"])
            case "actions":
                yield " ".join(_button(element) for element in block["elements"])
            case "input":
                yield f"{block['label']['text']}{' (optional)' if block['optional'] else ''}"
                yield from _element(block["element"])


def _cell(cell: Block) -> str:
    return str(cell["text"]) if "text" in cell else f"<@{cell['elements'][0]['elements'][0]['user_id']}>"


def _button(element: Block) -> str:
    if element["type"] == "overflow":
        shown = ", ".join(f"{one['text']['text']}={one['value']}" for one in element["options"])
        return f"[⋯ {element['action_id']}: {shown}]"
    if element["type"] == "static_select":
        shown = ", ".join(f"{one['text']['text']}={one['value']}" for one in element["options"])
        return f"[{element['placeholder']['text']} {element['action_id']}: {shown}]"
    mark = "*" if element.get("style") == "primary" else ""
    carries = element.get("value") or element["url"]
    return f"[{mark}{element['text']['text']}{mark} {element['action_id']}={carries}]"


def _element(element: Block) -> Iterator[str]:
    yield f"<{element['type']} {element['action_id']}> {element['placeholder']['text']}"
    for group in element.get("option_groups", [{"options": element.get("options", [])}]):
        yield from ([f"  {group['label']['text']}"] if "label" in group else [])
        for option in group["options"]:
            mark = "●" if option == element.get("initial_option") else "○"
            yield f"    {mark} {option['text']['text']} = {option['value']}"


def texts(part: Any, kind: str = "mrkdwn") -> list[str]:
    """Every text of a kind (`mrkdwn`, `plain_text`) anywhere in blocks or a view."""
    if isinstance(part, dict):
        own = [part["text"]] if part.get("type") == kind else []
        return own + [text for value in part.values() for text in texts(value, kind)]
    if isinstance(part, list):
        return [text for value in part for text in texts(value, kind)]
    return []


def action_ids(message: Rendered) -> list[str]:
    """The action_ids of the message's buttons, in order."""
    rows = (
        block["elements"] if block["type"] == "actions" else [block["accessory"]]
        for block in message.blocks
        if block["type"] == "actions" or "accessory" in block
    )
    return [element["action_id"] for row in rows for element in row]


def said(message: Rendered) -> str:
    """All that the message's blocks say."""
    return "\n".join(texts(message.blocks))
