"""Block Kit's parts as small functions that keep every limit of Slack's, by cutting what is too long.

Text given as mrkdwn is already escaped; labels of buttons, options and inputs are plain text as it is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final, Literal, TypeAlias

from bot.views.text import clip, cut, cut_plain, flat, web_address

Block: TypeAlias = dict[str, Any]

SECTION_LIMIT: Final = 3000
FIELD_LIMIT: Final = 2000
CONTEXT_LIMIT: Final = 2000
OPTION_LIMIT: Final = 75
OPTIONS_MOST: Final = 100
"""So many options a menu or a group may have, and so many groups a menu."""
NOTHING: Final = "-"  # Slack refuses empty text


def mrkdwn(text: str, limit: int = SECTION_LIMIT) -> Block:
    """A text object. `verbatim` keeps Slack from making mentions and links of bare words in data."""
    return {"type": "mrkdwn", "text": cut(text, limit) if text.strip() else NOTHING, "verbatim": True}


def plain(text: str, limit: int) -> Block:
    """A plain_text object on one line."""
    return {"type": "plain_text", "text": cut_plain(flat(text), limit) or NOTHING, "emoji": True}


def section(text: str, *, accessory: Block | None = None, block_id: str | None = None) -> Block:
    """A paragraph of mrkdwn."""
    return _present({"type": "section", "text": mrkdwn(text), "accessory": accessory, "block_id": block_id})


def fields(texts: Iterable[str]) -> Block:
    """Up to ten short texts in two columns; what goes beyond is left out."""
    return {"type": "section", "fields": [mrkdwn(text, FIELD_LIMIT) for text in texts][:10]}


def context(*texts: str) -> Block:
    """Small print: up to ten texts beside each other."""
    return {"type": "context", "elements": [mrkdwn(text, CONTEXT_LIMIT) for text in texts][:10]}


def header(text: str) -> Block:
    """A heading in large plain text."""
    return {"type": "header", "text": plain(text, 150)}


def actions(elements: Sequence[Block], block_id: str | None = None) -> Block:
    """A row of buttons and menus, up to 25."""
    return _present({"type": "actions", "elements": list(elements)[:25], "block_id": block_id})


def button(
    label: str,
    action_id: str,
    value: str | None = None,
    *,
    style: Literal["primary", "danger"] | None = None,
    url: str | None = None,
    reads_as: str | None = None,
    asks_once: Block | None = None,
) -> Block:
    """A button. `url` must have passed `web_address`; `reads_as` is what a screen reader says instead.

    `asks_once` is what `confirmation` makes: Slack shows it before the click counts.
    """
    return _present(
        {
            "type": "button",
            "text": plain(label, 75),
            "action_id": str(action_id),
            "value": value and clip(value, 2000),
            "style": style,
            "url": url,
            "accessibility_label": reads_as and cut_plain(flat(reads_as), 75),
            "confirm": asks_once,
        }
    )


def confirmation(title: str, text: str, confirm: str) -> Block:
    """A question that Slack asks before a click counts."""
    return {
        "title": plain(title, 100),
        "text": plain(text, 300),
        "confirm": plain(confirm, 30),
        "deny": plain("Cancel", 30),
    }


def link_button(label: str, action_id: str, url: str | None) -> list[Block]:
    """A button that opens an address, in a list that is empty where there is none or it is not http(s)."""
    address = web_address(url)
    return [button(label, action_id, url=address)] if address else []


def option(label: str, value: str, *, url: str | None = None) -> Block:
    """One choice of a menu. Behind three dots, `url`, which must have passed `web_address`, opens a page."""
    return _present({"text": plain(label, OPTION_LIMIT), "value": clip(value, 150), "url": url})


def option_group(label: str, options: Sequence[Block]) -> Block:
    """Choices under a heading."""
    return {"label": plain(label, OPTION_LIMIT), "options": list(options)[:OPTIONS_MOST]}


def select(
    action_id: str,
    placeholder: str,
    *,
    options: Sequence[Block] = (),
    groups: Sequence[Block] = (),
    chosen: Block | None = None,
) -> Block:
    """A menu of options, or of groups when there are any. `chosen` must be one of them as it stands."""
    return _present(
        {
            "type": "static_select",
            "action_id": str(action_id),
            "placeholder": plain(placeholder, 150),
            "options": None if groups else list(options)[:OPTIONS_MOST],
            "option_groups": list(groups)[:OPTIONS_MOST] or None,
            "initial_option": chosen,
        }
    )


def overflow(action_id: str, options: Sequence[Block]) -> Block:
    """The menu behind three dots, of up to five choices."""
    return {"type": "overflow", "action_id": str(action_id), "options": list(options)[:5]}


def radio(action_id: str, options: Sequence[Block], chosen: Block | None = None) -> Block:
    """Up to ten choices, all in sight. `chosen` must be one of them as it stands."""
    menu = {"type": "radio_buttons", "action_id": str(action_id), "options": list(options)[:10]}
    return _present({**menu, "initial_option": chosen})


def checkboxes(action_id: str, options: Sequence[Block], chosen: Sequence[Block] = ()) -> Block:
    """Up to ten boxes. `chosen` must be some of them as they stand."""
    boxes = {"type": "checkboxes", "action_id": str(action_id), "options": list(options)[:10]}
    return _present({**boxes, "initial_options": list(chosen)[:10] or None})


def day_input(action_id: str, placeholder: str, initial: date | None = None) -> Block:
    """A day to choose."""
    return _present(
        {
            "type": "datepicker",
            "action_id": str(action_id),
            "placeholder": plain(placeholder, 150),
            "initial_date": initial.isoformat() if initial else None,
        }
    )


def text_input(
    action_id: str,
    placeholder: str,
    *,
    multiline: bool = False,
    longest: int = 1000,
    initial: str | None = None,
) -> Block:
    """A field to write in, of at most `longest` characters (Slack's own limit is 3000)."""
    return _present(
        {
            "type": "plain_text_input",
            "action_id": str(action_id),
            "placeholder": plain(placeholder, 150),
            "multiline": multiline,
            "max_length": longest,
            "initial_value": initial and clip(initial, longest),
        }
    )


def user_input(action_id: str, placeholder: str, initial: str | None = None) -> Block:
    """Anybody in the workspace to choose."""
    menu = {"type": "users_select", "action_id": str(action_id), "placeholder": plain(placeholder, 150)}
    return _present({**menu, "initial_user": initial})


def channel_input(action_id: str, placeholder: str, initial: str | None = None) -> Block:
    """A channel to choose, public, or private and one's own; none that other organisations read."""
    return _present(
        {
            "type": "conversations_select",
            "action_id": str(action_id),
            "placeholder": plain(placeholder, 150),
            "initial_conversation": initial,
            "filter": {"include": ["public", "private"], "exclude_external_shared_channels": True},
        }
    )


def number_input(action_id: str, placeholder: str, lowest: int, highest: int) -> Block:
    """A whole number to write."""
    return {
        "type": "number_input",
        "action_id": str(action_id),
        "is_decimal_allowed": False,
        "placeholder": plain(placeholder, 150),
        "min_value": str(lowest),
        "max_value": str(highest),
    }


def labelled(
    label: str, element: Block, *, optional: bool = False, hint: str | None = None, dispatch: bool = False
) -> Block:
    """An input block whose block_id is its element's action_id. `dispatch` reports each choice at once."""
    return _present(
        {
            "type": "input",
            "block_id": element["action_id"],
            "label": plain(label, 2000),
            "element": element,
            "optional": optional,
            "hint": plain(hint, 2000) if hint else None,
            "dispatch_action": dispatch or None,
        }
    )


def modal(callback_id: str, title: str, submit: str, blocks: Sequence[Block], metadata: str) -> Block:
    """A modal view. `metadata` is a small JSON text (Slack's limit is 3000) and is never cut."""
    return {
        "type": "modal",
        "callback_id": str(callback_id),
        "title": plain(title, 24),
        "submit": plain(submit, 24),
        "close": plain("Cancel", 24),
        "private_metadata": metadata,
        "blocks": list(blocks)[:100],
    }


def _present(block: Block) -> Block:
    return {key: value for key, value in block.items() if value is not None}
