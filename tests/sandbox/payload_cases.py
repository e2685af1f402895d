"""Payloads at Slack's limits and one step over them, a case for each limit, and what points at the fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox import JsonDict
from tests.sandbox.payloads import (
    Blocks,
    actions,
    bars,
    button,
    chart,
    confirm,
    divider,
    field,
    image,
    markdown,
    modal,
    mrkdwn,
    options,
    pie,
    plain,
    section,
    select,
    table,
    x,
)


@dataclass(frozen=True)
class Limit:
    """A limit: `build(most)` is accepted, `build(most + 1)` is refused at `pointer`.

    `sdk`: whether the models of Slack's SDK check it too.
    """

    name: str
    most: int
    build: Callable[[int], Blocks]
    pointer: str
    sdk: bool = False


BLOCK_LIMITS = [
    Limit("blocks of a message", 50, lambda n: [divider()] * n, "/blocks"),
    Limit("section text", 3000, lambda n: section(text=mrkdwn(x(n))), "/blocks/0/text/text", sdk=True),
    Limit("section fields", 10, lambda n: section(fields=[plain("x")] * n), "/blocks/0/fields", sdk=True),
    Limit("text of a field", 2000, lambda n: section(fields=[plain(x(n))]), "/blocks/0/fields/0/text"),
    Limit(
        "header", 150, lambda n: [{"type": "header", "text": plain(x(n))}], "/blocks/0/text/text", sdk=True
    ),
    Limit(
        "context elements",
        10,
        lambda n: [{"type": "context", "elements": [mrkdwn("x")] * n}],
        "/blocks/0/elements",
        sdk=True,
    ),
    Limit("action elements", 25, lambda n: actions(*[button()] * n), "/blocks/0/elements", sdk=True),
    Limit(
        "button text",
        75,
        lambda n: actions(button(text=plain(x(n)))),
        "/blocks/0/elements/0/text/text",
        sdk=True,
    ),
    Limit(
        "button value", 2000, lambda n: actions(button(value=x(n))), "/blocks/0/elements/0/value", sdk=True
    ),
    Limit(
        "button url",
        3000,
        lambda n: actions(button(url="https://example.com/" + x(n - 20))),
        "/blocks/0/elements/0/url",
        sdk=True,
    ),
    Limit(
        "action_id",
        255,
        lambda n: actions(button(action_id=x(n))),
        "/blocks/0/elements/0/action_id",
        sdk=True,
    ),
    Limit("block_id", 255, lambda n: section(block_id=x(n)), "/blocks/0/block_id", sdk=True),
    Limit(
        "select options", 100, lambda n: select(options=options(n)), "/blocks/0/elements/0/options", sdk=True
    ),
    Limit(
        "option text",
        75,
        lambda n: select(options=options(1, text=plain(x(n)))),
        "/blocks/0/elements/0/options/0/text/text",
        sdk=True,
    ),
    Limit(
        "option value",
        150,
        lambda n: select(options=options(1, value=x(n))),
        "/blocks/0/elements/0/options/0/value",
        sdk=True,
    ),
    Limit(
        "option description",
        75,
        lambda n: select(options=options(1, description=plain(x(n)))),
        "/blocks/0/elements/0/options/0/description/text",
    ),
    Limit(
        "overflow options",
        5,
        lambda n: actions({"type": "overflow", "action_id": "o", "options": options(n)}),
        "/blocks/0/elements/0/options",
        sdk=True,
    ),
    Limit(
        "radio buttons",
        10,
        lambda n: actions({"type": "radio_buttons", "action_id": "r", "options": options(n)}),
        "/blocks/0/elements/0/options",
    ),
    Limit(
        "checkboxes",
        10,
        lambda n: actions({"type": "checkboxes", "action_id": "c", "options": options(n)}),
        "/blocks/0/elements/0/options",
    ),
    Limit(
        "confirm title",
        100,
        lambda n: actions(button(confirm=confirm(title=plain(x(n))))),
        "/blocks/0/elements/0/confirm/title/text",
        sdk=True,
    ),
    Limit(
        "confirm text",
        300,
        lambda n: actions(button(confirm=confirm(text=plain(x(n))))),
        "/blocks/0/elements/0/confirm/text/text",
        sdk=True,
    ),
    Limit(
        "confirm button",
        30,
        lambda n: actions(button(confirm=confirm(confirm=plain(x(n))))),
        "/blocks/0/elements/0/confirm/confirm/text",
        sdk=True,
    ),
    Limit(
        "deny button",
        30,
        lambda n: actions(button(confirm=confirm(deny=plain(x(n))))),
        "/blocks/0/elements/0/confirm/deny/text",
        sdk=True,
    ),
    Limit(
        "placeholder",
        150,
        lambda n: select(placeholder=plain(x(n))),
        "/blocks/0/elements/0/placeholder/text",
        sdk=True,
    ),
    Limit("table rows", 100, lambda n: [table(n, 1)], "/blocks/0/rows"),
    Limit("table columns", 20, lambda n: [table(1, n)], "/blocks/0/rows/0"),
    Limit("tables of a message", 1, lambda n: [table(1, 1)] * n, "/blocks"),
    Limit("markdown of a block", 12_000, lambda n: [markdown(n)], "/blocks/0/text", sdk=True),
    Limit("markdown of a message", 12_000, lambda n: [markdown(6000), markdown(n - 6000)], "/blocks"),
    Limit("image alt text", 2000, lambda n: image(alt_text=x(n)), "/blocks/0/alt_text", sdk=True),
    Limit("image title", 2000, lambda n: image(title=plain(x(n))), "/blocks/0/title/text", sdk=True),
    Limit(
        "input label",
        2000,
        lambda n: field({"type": "plain_text_input"}, label=plain(x(n))),
        "/blocks/0/label/text",
        sdk=True,
    ),
    Limit("chart title", 50, lambda n: [chart(pie(), x(n))], "/blocks/0/title"),
    Limit("pie segments", 6, lambda n: [chart(pie(n))], "/blocks/0/chart/segments"),
    Limit("segment label", 20, lambda n: [chart(pie(label=x(n)))], "/blocks/0/chart/segments/0/label"),
    Limit("chart series", 6, lambda n: [chart(bars(series=n))], "/blocks/0/chart/series"),
    Limit("points of a series", 20, lambda n: [chart(bars(points=n))], "/blocks/0/chart/series/0/data"),
    Limit(
        "label of a point",
        20,
        lambda n: [chart(bars(points=1, label=x(n - 1)))],
        "/blocks/0/chart/series/0/data/0/label",
    ),
    Limit(
        "axis label",
        50,
        lambda n: [chart(bars(axis={"x_label": x(n)}))],
        "/blocks/0/chart/axis_config/x_label",
    ),
    Limit("charts of a message", 2, lambda n: [chart(pie())] * n, "/blocks"),
]

VIEW_LIMITS: list[tuple[str, int, Callable[[int], JsonDict], str, bool]] = [
    ("blocks of a view", 100, lambda n: modal(blocks=[divider()] * n), "/view/blocks", True),
    ("title", 24, lambda n: modal(title=plain(x(n))), "/view/title/text", True),
    ("submit", 24, lambda n: modal(submit=plain(x(n))), "/view/submit/text", True),
    ("close", 24, lambda n: modal(close=plain(x(n))), "/view/close/text", True),
    ("callback_id", 255, lambda n: modal(callback_id=x(n)), "/view/callback_id", True),
    ("private_metadata", 3000, lambda n: modal(private_metadata=x(n)), "/view/private_metadata", True),
]

VALID: dict[str, Blocks] = {
    "section with everything": section(
        fields=[plain("a"), mrkdwn("*b*")], accessory=button(style="danger"), block_id="s", expand=True
    ),
    "context with an image": [{"type": "context", "elements": [*image(), mrkdwn("by <@U1>")]}],
    "pickers": actions(
        {"type": "datepicker", "action_id": "d", "initial_date": "2026-11-23"},
        {"type": "timepicker", "action_id": "t", "initial_time": "23:59"},
        {"type": "datetimepicker", "action_id": "dt", "initial_date_time": 1_795_000_000},
    ),
    "selects": actions(
        {"type": "users_select", "action_id": "u", "initial_user": "U0REP1"},
        {"type": "channels_select", "action_id": "c"},
        {"type": "conversations_select", "action_id": "v", "filter": {"include": ["public"]}},
        {"type": "external_select", "action_id": "e", "min_query_length": 2},
    ),
    "grouped options": actions(
        {
            "type": "static_select",
            "action_id": "g",
            "option_groups": [{"label": plain("Group"), "options": options()}],
            "initial_option": options()[0],
        }
    ),
    "multi-select beside a text": section(
        accessory={
            "type": "multi_static_select",
            "action_id": "m",
            "options": options(),
            "max_selected_items": 2,
        }
    ),
    "choices with mrkdwn": actions(
        {
            "type": "checkboxes",
            "action_id": "c",
            "options": options(2, text=mrkdwn("*bold*")),
            "initial_options": options(1, text=mrkdwn("*bold*")),
        }
    ),
    "inputs": [
        *field(
            {"type": "plain_text_input", "multiline": True, "min_length": 1, "max_length": 9}, optional=True
        ),
        *field({"type": "number_input", "is_decimal_allowed": False, "min_value": "1"}),
        *field({"type": "email_text_input"}, hint=plain("yours")),
        *field({"type": "multi_users_select"}, dispatch_action=True),
        *field({"type": "radio_buttons", "options": options()}),
    ],
    "rich text": [
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [
                        {"type": "text", "text": "bold", "style": {"bold": True}},
                        {"type": "link", "url": "https://example.com", "text": "here"},
                        {"type": "user", "user_id": "U0REP1"},
                        {"type": "emoji", "name": "tada"},
                    ],
                },
                {
                    "type": "rich_text_list",
                    "style": "bullet",
                    "elements": [
                        {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}
                    ],
                },
                {"type": "rich_text_quote", "elements": [{"type": "text", "text": "said"}]},
                {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "code"}]},
            ],
        }
    ],
    "table": [{**table(2, 2), "column_settings": [{"align": "right"}, None]}],
    "charts": [chart(pie()), chart(bars(2, 3, kind="area", axis={"x_label": "Week", "y_label": "Leads"}))],
    "image from a file": [
        {"type": "image", "alt_text": "a", "slack_file": {"id": "F1"}, "title": plain("t")}
    ],
}

INVALID: dict[str, tuple[Blocks, str]] = {
    "no block at all": ([{"type": "sparkle"}], "/blocks/0/type"),
    "no type": ([{"text": plain("x")}], "/blocks/0"),
    "an unknown field": ([{"type": "divider", "colour": "red"}], "/blocks/0"),
    "an empty section": ([{"type": "section"}], "/blocks/0"),
    "an empty text": (section(text=mrkdwn("")), "/blocks/0/text/text"),
    "a null field": (section(accessory=None), "/blocks/0/accessory"),
    "mrkdwn in a header": ([{"type": "header", "text": mrkdwn("x")}], "/blocks/0/text/type"),
    "mrkdwn on a button": (actions(button(text=mrkdwn("x"))), "/blocks/0/elements/0/text/type"),
    "a green button": (actions(button(style="green")), "/blocks/0/elements/0/style"),
    "a number as value": (actions(button(value=7)), "/blocks/0/elements/0/value"),
    "no actions": (actions(), "/blocks/0/elements"),
    "an input among actions": (
        actions({"type": "plain_text_input", "action_id": "p"}),
        "/blocks/0/elements/0/type",
    ),
    "a button as an input": (field(button()), "/blocks/0/element/type"),
    "one block_id twice": ([{**divider(), "block_id": "b"}] * 2, "/blocks/1/block_id"),
    "one action_id twice": (
        actions(button(action_id="a"), button(action_id="a")),
        "/blocks/0/elements/1/action_id",
    ),
    "no options": (select(options=[]), "/blocks/0/elements/0/options"),
    "options twice over": (
        select(option_groups=[{"label": plain("g"), "options": options()}]),
        "/blocks/0/elements/0",
    ),
    "an initial option that is not offered": (
        select(initial_option={"text": plain("Other"), "value": "o"}),
        "/blocks/0/elements/0/initial_option",
    ),
    "a confirm without words": (
        actions(button(confirm={"title": plain("x")})),
        "/blocks/0/elements/0/confirm",
    ),
    "an image from nowhere": ([{"type": "image", "alt_text": "a"}], "/blocks/0"),
    "a date of its own kind": (
        actions({"type": "datepicker", "action_id": "d", "initial_date": "23.11.2026"}),
        "/blocks/0/elements/0/initial_date",
    ),
    "a ragged table": (
        [{"type": "table", "rows": [*table(1, 2)["rows"], *table(1, 1)["rows"]]}],
        "/blocks/0/rows/1",
    ),
    "an empty slice": ([chart(pie(value=0))], "/blocks/0/chart/segments/0/value"),
    "a pie with an axis": ([chart({**pie(), "axis_config": {"categories": ["A"]}})], "/blocks/0/chart"),
    "labels beside the axis": (
        [chart(bars(axis={"categories": ["Q0", "Q1"]}))],
        "/blocks/0/chart/series/0/data",
    ),
    "series of one name": (
        [chart({**bars(), "series": [bars()["series"][0]] * 2})],
        "/blocks/0/chart/series/0/name",
    ),
}
