"""Slack's composition objects and block elements, with their limits, as tables.

Source: the Block Kit reference and the limits that Slack's SDK carries. The blocks around them: `blockkit`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.sandbox.slack.schema import Arr, Bool, Fault, Num, Obj, OneOf, Rule, Spec, Str, exactly_one, typed

Fields = dict[str, Spec]

DATE = Str(pattern=r"\d{4}-\d{2}-\d{2}")
TIME = Str(pattern=r"([01]\d|2[0-3]):[0-5]\d")
URL = Str(3000, 1, pattern=r"(https?|slack|mailto|tel):\S+")
ACTION_ID = Str(255, 1)
USER_ID = Str(pattern=r"[UW][A-Z0-9]+")
CONVERSATION_ID = Str(pattern=r"[CDG][A-Z0-9]+")


def plain(maximum: int, minimum: int = 1) -> Obj:
    """A plain-text object of at most so many characters."""
    return typed("plain_text", {"text": Str(maximum, minimum), "emoji": Bool()}, "text")


def mrkdwn(maximum: int, minimum: int = 1) -> Obj:
    """A mrkdwn text object of at most so many characters."""
    return typed("mrkdwn", {"text": Str(maximum, minimum), "verbatim": Bool()}, "text")


def either_text(maximum: int) -> OneOf:
    """A text object of either kind."""
    return OneOf({"plain_text": plain(maximum), "mrkdwn": mrkdwn(maximum)})


SLACK_FILE = Obj({"id": Str(255, 1), "url": URL}, rules=(exactly_one("id", "url"),))
CONFIRM = Obj(
    {
        "title": plain(100),
        "text": either_text(300),
        "confirm": plain(30),
        "deny": plain(30),
        "style": Str(choices=("primary", "danger")),
    },
    ("title", "text", "confirm", "deny"),
)
DISPATCH_CONFIG = Obj(
    {"trigger_actions_on": Arr(Str(choices=("on_enter_pressed", "on_character_entered")), 2, 1)}
)


def option(text: Spec, **more: Spec) -> Obj:
    """An option object: what is read, and the value that is sent."""
    return Obj({"text": text, "value": Str(150, 1), "description": plain(75), **more}, ("text", "value"))


SELECT_OPTION = option(plain(75))
CHOICE_OPTION = option(either_text(75))
OVERFLOW_OPTION = option(plain(75), url=URL)
OPTION_GROUP = Obj({"label": plain(75), "options": Arr(SELECT_OPTION, 100, 1)}, ("label", "options"))


def offered(element: dict[str, Any]) -> list[dict[str, Any]]:
    """Every option that an element offers, whether it lists them or groups them."""
    groups = element.get("option_groups", [])
    return [*element.get("options", []), *(choice for group in groups for choice in group["options"])]


def initial_is_offered(element: dict[str, Any], at: str) -> Iterator[Fault]:
    """The rule that what is chosen at first is one of the options, to the letter."""
    options = offered(element)
    if not options:
        return
    if "initial_option" in element and element["initial_option"] not in options:
        yield Fault("initial_option must exactly match one of the options", f"{at}/initial_option")
    for index, chosen in enumerate(element.get("initial_options", ())):
        if chosen not in options:
            yield Fault(
                "initial_options must exactly match provided options", f"{at}/initial_options/{index}"
            )


def bounds_in_order(low: str, high: str) -> Rule:
    """The rule that a lower bound is not above its upper bound."""

    def rule(element: dict[str, Any], at: str) -> Iterator[Fault]:
        if low in element and high in element and float(element[low]) > float(element[high]):
            yield Fault(f"{low} must not be greater than {high}", f"{at}/{low}")

    return rule


ACTION: Fields = {"action_id": ACTION_ID}
CONFIRMED: Fields = {**ACTION, "confirm": CONFIRM, "focus_on_load": Bool()}
HINTED: Fields = {**CONFIRMED, "placeholder": plain(150)}
TYPED_IN: Fields = {
    **ACTION,
    "focus_on_load": Bool(),
    "placeholder": plain(150),
    "dispatch_action_config": DISPATCH_CONFIG,
}
MANY: Fields = {**HINTED, "max_selected_items": Num(1, whole=True)}
LISTED: Fields = {"options": Arr(SELECT_OPTION, 100, 1), "option_groups": Arr(OPTION_GROUP, 100, 1)}
EXTERNAL: Fields = {"min_query_length": Num(0, whole=True)}
FILTER = Obj(
    {
        "include": Arr(Str(choices=("im", "mpim", "private", "public")), 4, 1),
        "exclude_external_shared_channels": Bool(),
        "exclude_bot_users": Bool(),
    }
)
CONVERSATIONS: Fields = {"default_to_current_conversation": Bool(), "filter": FILTER}
ONE_LIST: tuple[Rule, ...] = (exactly_one("options", "option_groups"), initial_is_offered)

IMAGE_SOURCE: Fields = {"alt_text": Str(2000, 1), "image_url": URL, "slack_file": SLACK_FILE}
IMAGE = typed("image", IMAGE_SOURCE, "alt_text", (exactly_one("image_url", "slack_file"),))

_ELEMENTS: dict[str, tuple[Fields, str, tuple[Rule, ...]]] = {
    "button": (
        {
            **ACTION,
            "text": plain(75),
            "url": URL,
            "value": Str(2000),
            "style": Str(choices=("primary", "danger")),
            "confirm": CONFIRM,
            "accessibility_label": Str(75),
        },
        "text",
        (),
    ),
    "overflow": ({**ACTION, "options": Arr(OVERFLOW_OPTION, 5, 1), "confirm": CONFIRM}, "options", ()),
    "static_select": ({**HINTED, **LISTED, "initial_option": SELECT_OPTION}, "", ONE_LIST),
    "external_select": ({**HINTED, **EXTERNAL, "initial_option": SELECT_OPTION}, "", ()),
    "users_select": ({**HINTED, "initial_user": USER_ID}, "", ()),
    "conversations_select": (
        {**HINTED, **CONVERSATIONS, "initial_conversation": CONVERSATION_ID, "response_url_enabled": Bool()},
        "",
        (),
    ),
    "channels_select": (
        {**HINTED, "initial_channel": CONVERSATION_ID, "response_url_enabled": Bool()},
        "",
        (),
    ),
    "multi_static_select": ({**MANY, **LISTED, "initial_options": Arr(SELECT_OPTION, 100)}, "", ONE_LIST),
    "multi_external_select": ({**MANY, **EXTERNAL, "initial_options": Arr(SELECT_OPTION, 100)}, "", ()),
    "multi_users_select": ({**MANY, "initial_users": Arr(USER_ID)}, "", ()),
    "multi_conversations_select": (
        {**MANY, **CONVERSATIONS, "initial_conversations": Arr(CONVERSATION_ID)},
        "",
        (),
    ),
    "multi_channels_select": ({**MANY, "initial_channels": Arr(CONVERSATION_ID)}, "", ()),
    "datepicker": ({**HINTED, "initial_date": DATE}, "", ()),
    "timepicker": ({**HINTED, "initial_time": TIME, "timezone": Str(100)}, "", ()),
    "datetimepicker": (
        {**CONFIRMED, "initial_date_time": Num(1_000_000_000, 9_999_999_999, whole=True)},
        "",
        (),
    ),
    "checkboxes": (
        {**CONFIRMED, "options": Arr(CHOICE_OPTION, 10, 1), "initial_options": Arr(CHOICE_OPTION, 10, 1)},
        "options",
        (initial_is_offered,),
    ),
    "radio_buttons": (
        {**CONFIRMED, "options": Arr(CHOICE_OPTION, 10, 1), "initial_option": CHOICE_OPTION},
        "options",
        (initial_is_offered,),
    ),
    "plain_text_input": (
        {
            **TYPED_IN,
            "initial_value": Str(3000),
            "multiline": Bool(),
            "min_length": Num(0, 3000, whole=True),
            "max_length": Num(1, 3000, whole=True),
        },
        "",
        (bounds_in_order("min_length", "max_length"),),
    ),
    "file_input": (
        {**ACTION, "filetypes": Arr(Str(20, 1), 100, 1), "max_files": Num(1, 10, whole=True)},
        "",
        (),
    ),
    "email_text_input": ({**TYPED_IN, "initial_value": Str(3000)}, "", ()),
    "url_text_input": ({**TYPED_IN, "initial_value": Str(3000)}, "", ()),
    "number_input": (
        {
            **TYPED_IN,
            "is_decimal_allowed": Bool(),
            "initial_value": Str(pattern=r"-?\d+(\.\d+)?"),
            "min_value": Str(pattern=r"-?\d+(\.\d+)?"),
            "max_value": Str(pattern=r"-?\d+(\.\d+)?"),
        },
        "is_decimal_allowed",
        (bounds_in_order("min_value", "max_value"),),
    ),
}
ELEMENTS = {name: typed(name, *parts) for name, parts in _ELEMENTS.items()}

_SELECTS = (
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
)
_MULTI_SELECTS = tuple(f"multi_{name}" for name in _SELECTS)
_CHOICES = ("checkboxes", "radio_buttons", "datepicker", "timepicker")
_TEXT_INPUTS = ("plain_text_input", "email_text_input", "url_text_input", "number_input")


def _of(*names: str) -> dict[str, Spec]:
    return {name: ELEMENTS[name] for name in names}


IN_ACTIONS = OneOf(_of("button", "overflow", *_SELECTS, *_CHOICES, "datetimepicker"))
IN_SECTION = OneOf({**_of("button", "overflow", *_SELECTS, *_MULTI_SELECTS, *_CHOICES), "image": IMAGE})
IN_INPUT = OneOf(_of(*_TEXT_INPUTS, *_SELECTS, *_MULTI_SELECTS, *_CHOICES, "datetimepicker", "file_input"))
IN_CONTEXT = OneOf({"image": IMAGE, "plain_text": plain(3000), "mrkdwn": mrkdwn(3000)})
