"""The checker: is what the bot sends something that Slack would take? Blocks, messages and views.

Limits come from the Block Kit reference. The elements inside the blocks: `elements`; the walker: `schema`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from bot.sandbox.slack.elements import (
    IMAGE_SOURCE,
    IN_ACTIONS,
    IN_CONTEXT,
    IN_INPUT,
    IN_SECTION,
    URL,
    either_text,
    plain,
)
from bot.sandbox.slack.richtext import RICH_TEXT
from bot.sandbox.slack.schema import (
    Anything,
    Arr,
    Bool,
    Fault,
    Num,
    Obj,
    OneOf,
    Spec,
    Str,
    at_least_one,
    exactly_one,
    typed,
)

BLOCK: dict[str, Spec] = {"block_id": Str(255, 1)}
MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MARKDOWN_CHARACTERS = 12_000
CHARTS = 2

SEGMENT = Obj({"label": Str(20, 1), "value": Num(above=0)}, ("label", "value"))
POINT = Obj({"label": Str(20, 1), "value": Num()}, ("label", "value"))
SERIES = Obj({"name": Str(20, 1), "data": Arr(POINT, 20, 1)}, ("name", "data"))
AXIS = Obj(
    {"categories": Arr(Str(20, 1), 20, 1), "x_label": Str(50), "y_label": Str(50)},
    ("categories",),
)


def series_fit_the_axis(chart: dict[str, Any], at: str) -> Iterator[Fault]:
    """The rule that series have different names, and one point for each category, in its order."""
    names = Counter(series["name"] for series in chart["series"])
    categories = chart["axis_config"]["categories"]
    for index, series in enumerate(chart["series"]):
        if names[series["name"]] > 1:
            yield Fault("series names must be unique", f"{at}/series/{index}/name")
        if [point["label"] for point in series["data"]] != categories:
            yield Fault("data labels must match axis_config categories", f"{at}/series/{index}/data")


def _plotted(kind: str) -> Obj:
    fields: dict[str, Spec] = {"series": Arr(SERIES, 6, 1), "axis_config": AXIS}
    return typed(kind, fields, "series axis_config", (series_fit_the_axis,))


CHART = OneOf(
    {
        "pie": typed("pie", {"segments": Arr(SEGMENT, 6, 1)}, "segments"),
        **{kind: _plotted(kind) for kind in ("bar", "line", "area")},
    }
)
CELL = OneOf(
    {
        "raw_text": typed("raw_text", {"text": Str(minimum=1)}, "text"),
        "raw_number": typed("raw_number", {"value": Num(), "text": Str()}, "value"),
        "rich_text": RICH_TEXT,
    }
)
COLUMN = Obj({"align": Str(choices=("left", "center", "right")), "is_wrapped": Bool()})


def rows_are_even(table: dict[str, Any], at: str) -> Iterator[Fault]:
    """The rule that every row has as many cells as the first."""
    for index, row in enumerate(table["rows"]):
        if len(row) != len(table["rows"][0]):
            yield Fault("all rows must have the same number of cells", f"{at}/rows/{index}")


BLOCKS: dict[str, Spec] = {
    "section": typed(
        "section",
        {
            **BLOCK,
            "text": either_text(3000),
            "fields": Arr(either_text(2000), 10, 1),
            "accessory": IN_SECTION,
            "expand": Bool(),
        },
        rules=(at_least_one("text", "fields"),),
    ),
    "header": typed("header", {**BLOCK, "text": plain(150)}, "text"),
    "context": typed("context", {**BLOCK, "elements": Arr(IN_CONTEXT, 10, 1)}, "elements"),
    "actions": typed("actions", {**BLOCK, "elements": Arr(IN_ACTIONS, 25, 1)}, "elements"),
    "divider": typed("divider", BLOCK),
    "image": typed(
        "image",
        {**BLOCK, **IMAGE_SOURCE, "title": plain(2000)},
        "alt_text",
        (exactly_one("image_url", "slack_file"),),
    ),
    "rich_text": RICH_TEXT,
    "table": typed(
        "table",
        {
            **BLOCK,
            "rows": Arr(Arr(CELL, 20, 1), 100, 1),
            "column_settings": Arr(COLUMN, 20, nullable=True),
        },
        "rows",
        (rows_are_even,),
    ),
    "markdown": typed("markdown", {**BLOCK, "text": Str(MARKDOWN_CHARACTERS, 1)}, "text"),
    "input": typed(
        "input",
        {
            **BLOCK,
            "label": plain(2000),
            "element": IN_INPUT,
            "hint": plain(2000),
            "dispatch_action": Bool(),
            "optional": Bool(),
        },
        "label element",
    ),
    "data_visualization": typed(
        "data_visualization", {**BLOCK, "title": Str(50, 1), "chart": CHART}, "title chart"
    ),
}
_EVERYWHERE = ("section", "header", "context", "actions", "divider", "image", "rich_text", "input")
SURFACES: dict[str, OneOf] = {
    "message": OneOf(BLOCKS),
    "home": OneOf({name: BLOCKS[name] for name in (*_EVERYWHERE, "data_visualization")}),
    "modal": OneOf({name: BLOCKS[name] for name in _EVERYWHERE}),
}
ATTACHMENT = Obj(
    {
        "color": Str(20),
        "fallback": Str(),
        "blocks": Arr(SURFACES["message"], MESSAGE_BLOCKS),
        **dict.fromkeys(("pretext", "title", "text", "footer", "author_name"), Str()),
        "title_link": URL,
    }
)
METADATA = Obj({"event_type": Str(255, 1), "event_payload": Anything()}, ("event_type", "event_payload"))


def check_blocks(blocks: Any, *, surface: str = "message", at: str = "/blocks") -> list[Fault]:
    """Everything wrong with a list of blocks on a surface: `message`, `modal` or `home`."""
    limit = MESSAGE_BLOCKS if surface == "message" else VIEW_BLOCKS
    found = list(Arr(SURFACES[surface], limit).faults(blocks, at))
    return found or [*_twins(blocks, at), *_too_many_together(blocks, at)]


def check_attachments(attachments: Any) -> list[Fault]:
    """Everything wrong with a message's attachments."""
    return list(Arr(ATTACHMENT, 100).faults(attachments, "/attachments"))


def check_metadata(metadata: Any) -> list[Fault]:
    """Everything wrong with a message's metadata."""
    return list(METADATA.faults(metadata, "/metadata"))


def _twins(blocks: list[dict[str, Any]], at: str) -> Iterator[Fault]:
    """A block_id used twice, or an action_id used twice in one block."""
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        block_id = block.get("block_id")
        if block_id is not None and block_id in seen:
            yield Fault(f"`block_id` already exists: {block_id}", f"{at}/{index}/block_id")
        seen.add(block_id or "")
        if block["type"] != "actions":
            continue
        counted = Counter(e["action_id"] for e in block["elements"] if "action_id" in e)
        for position, element in enumerate(block["elements"]):
            if counted[element.get("action_id", "")] > 1:
                pointer = f"{at}/{index}/elements/{position}/action_id"
                yield Fault(f"`action_id` already exists: {element['action_id']}", pointer)


def _too_many_together(blocks: list[dict[str, Any]], at: str) -> Iterator[Fault]:
    """The limits that hold for a message as a whole."""
    kinds = Counter(block["type"] for block in blocks)
    if kinds["table"] > 1:
        yield Fault("only_one_table_allowed", at)
    if kinds["data_visualization"] > CHARTS:
        yield Fault(f"no more than {CHARTS} data_visualization blocks allowed", at)
    written = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if written > MARKDOWN_CHARACTERS:
        yield Fault(f"markdown blocks must be less than {MARKDOWN_CHARACTERS + 1} characters together", at)


_VIEW: dict[str, Spec] = {
    "callback_id": Str(255),
    "private_metadata": Str(3000),
    "external_id": Str(255),
    "blocks": Arr(Anything(), VIEW_BLOCKS, 1),
}
VIEWS = OneOf(
    {
        "modal": typed(
            "modal",
            {
                **_VIEW,
                "title": plain(24),
                "submit": plain(24),
                "close": plain(24),
                "clear_on_close": Bool(),
                "notify_on_close": Bool(),
                "submit_disabled": Bool(),
            },
            "title blocks",
        ),
        "home": typed("home", _VIEW, "blocks"),
    }
)


def check_view(view: Any, *, kind: str = "") -> list[Fault]:
    """Everything wrong with a view; `kind` is what the method takes: `modal`, `home`, or empty for either."""
    found = list(VIEWS.faults(view, "/view"))
    if found:
        return found
    if kind and view["type"] != kind:
        return [Fault(f"must be one of: {kind}", "/view/type")]
    found = check_blocks(view["blocks"], surface=view["type"], at="/view/blocks")
    asks = any(block["type"] == "input" for block in view["blocks"])
    if not found and view["type"] == "modal" and asks and "submit" not in view:
        return [Fault("missing required field: submit", "/view")]
    return found
