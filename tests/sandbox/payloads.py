"""Blocks and views in a few words, for the tests."""

from __future__ import annotations

from bot.sandbox import JsonDict

Blocks = list[JsonDict]


def plain(text: str) -> JsonDict:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> JsonDict:
    return {"type": "mrkdwn", "text": text}


def x(count: int) -> str:
    return "x" * count


def divider() -> JsonDict:
    return {"type": "divider"}


def section(**more: object) -> Blocks:
    return [{"type": "section", "text": mrkdwn("hello"), **more}]


def actions(*elements: JsonDict) -> Blocks:
    return [{"type": "actions", "elements": list(elements)}]


def button(**more: object) -> JsonDict:
    return {"type": "button", "text": plain("Go"), **more}


def options(count: int = 2, **more: object) -> Blocks:
    return [{"text": plain(f"Option {n}"), "value": f"v{n}", **more} for n in range(count)]


def select(**more: object) -> Blocks:
    element = {"type": "static_select", "action_id": "s", "placeholder": plain("Pick"), "options": options()}
    return actions({**element, **more})


def confirm(**more: object) -> JsonDict:
    said = {"title": plain("Sure?"), "text": plain("Really?"), "confirm": plain("Yes"), "deny": plain("No")}
    return {**said, **more}


def image(**more: object) -> Blocks:
    return [{"type": "image", "alt_text": "a picture", "image_url": "https://example.com/a.png", **more}]


def table(rows: int, columns: int) -> JsonDict:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * columns] * rows}


def markdown(count: int) -> JsonDict:
    return {"type": "markdown", "text": x(count)}


def field(element: JsonDict, **more: object) -> Blocks:
    return [{"type": "input", "label": plain("Say"), "element": {"action_id": "i", **element}, **more}]


def chart(body: JsonDict, title: str = "Chart") -> JsonDict:
    return {"type": "data_visualization", "title": title, "chart": body}


def pie(count: int = 2, label: str = "A", value: float = 1) -> JsonDict:
    return {"type": "pie", "segments": [{"label": label, "value": value}] * count}


def bars(
    series: int = 1, points: int = 2, *, kind: str = "bar", label: str = "P", axis: JsonDict | None = None
) -> JsonDict:
    labels = [f"{label}{n}" for n in range(points)]
    lines = [
        {"name": f"S{n}", "data": [{"label": name, "value": 1} for name in labels]} for n in range(series)
    ]
    return {"type": kind, "series": lines, "axis_config": {"categories": labels, **(axis or {})}}


def modal(**more: object) -> JsonDict:
    return {"type": "modal", "title": plain("Title"), "blocks": [divider()], **more}
