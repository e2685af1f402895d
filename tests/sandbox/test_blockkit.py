"""The checker against payloads at and over each limit, and against the models of Slack's own SDK."""

from __future__ import annotations

import pytest
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.basic_objects import JsonObject
from slack_sdk.models.blocks import Block, Option
from slack_sdk.models.views import View

from bot.sandbox import JsonDict
from bot.sandbox.slack.blockkit import check_blocks, check_metadata, check_view
from tests.sandbox.payload_cases import BLOCK_LIMITS, INVALID, VALID, VIEW_LIMITS, Limit
from tests.sandbox.payloads import chart, field, modal, pie, plain

SDK_HAS_NO_MODEL = {"data_visualization"}
limits = pytest.mark.parametrize("limit", BLOCK_LIMITS, ids=lambda limit: limit.name)
view_limits = pytest.mark.parametrize(
    ("most", "build", "pointer", "sdk"), [row[1:] for row in VIEW_LIMITS], ids=[row[0] for row in VIEW_LIMITS]
)


def validate(part: object) -> None:
    """Run the SDK's own checks on a model and on all inside it, the plain dicts of a select's options too."""
    if isinstance(part, dict) and {"text", "value"} <= set(part):
        part = Option(**part)
    if isinstance(part, JsonObject):
        part.validate_json()
        part = list(vars(part).values())
    if isinstance(part, list):
        for inside in part:
            validate(inside)


def sdk_takes(blocks: list[JsonDict]) -> bool:
    """Whether the SDK's models have nothing against these blocks."""
    try:
        for block in blocks:
            if block["type"] not in SDK_HAS_NO_MODEL:
                parsed = Block.parse(block)
                assert parsed is not None
                validate(parsed)
    except SlackObjectFormationError:
        return False
    return True


def sdk_takes_view(view: JsonDict) -> bool:
    try:
        View(**view).to_dict()
    except SlackObjectFormationError:
        return False
    return True


@limits
def test_a_payload_at_the_limit_passes_here_and_in_the_sdk(limit: Limit) -> None:
    payload = limit.build(limit.most)
    assert check_blocks(payload) == []
    assert sdk_takes(payload)


@limits
def test_a_payload_over_the_limit_is_refused_with_a_pointer(limit: Limit) -> None:
    payload = limit.build(limit.most + 1)
    assert limit.pointer in [fault.pointer for fault in check_blocks(payload)]
    assert sdk_takes(payload) is not limit.sdk


@pytest.mark.parametrize("name", VALID)
def test_what_slack_documents_passes_here_and_in_the_sdk(name: str) -> None:
    assert check_blocks(VALID[name]) == []
    assert sdk_takes(VALID[name])


@pytest.mark.parametrize("name", INVALID)
def test_what_slack_would_not_take_is_refused_with_a_pointer(name: str) -> None:
    blocks, pointer = INVALID[name]
    assert pointer in [fault.pointer for fault in check_blocks(blocks)]


@view_limits
def test_a_view_at_the_limit_passes_and_over_it_is_refused(
    most: int, build: object, pointer: str, sdk: bool
) -> None:
    assert callable(build)
    assert check_view(build(most), kind="modal") == []
    assert sdk_takes_view(build(most))
    assert pointer in [fault.pointer for fault in check_view(build(most + 1), kind="modal")]
    assert sdk_takes_view(build(most + 1)) is not sdk


@pytest.mark.parametrize(
    ("view", "pointer"),
    [
        (modal(blocks=field({"type": "plain_text_input"})), "/view"),
        (modal(blocks=[chart(pie())]), "/view/blocks/0/type"),
        (modal(blocks=[]), "/view/blocks"),
        (modal(blocks=[{"type": "table", "rows": []}]), "/view/blocks/0/type"),
        ({"type": "home", "blocks": [{"type": "divider"}], "submit": plain("Go")}, "/view"),
        ({"type": "home"}, "/view"),
        ({"type": "dialog", "blocks": []}, "/view/type"),
    ],
    ids=[
        "input without submit",
        "chart in a modal",
        "no blocks",
        "table in a modal",
        "home with submit",
        "no blocks",
        "?",
    ],
)
def test_a_view_that_slack_would_not_take_is_refused(view: JsonDict, pointer: str) -> None:
    assert pointer in [fault.pointer for fault in check_view(view)]


def test_a_chart_is_at_home_on_home() -> None:
    assert check_view({"type": "home", "blocks": [chart(pie())]}, kind="home") == []


def test_a_fault_reads_as_slack_writes_it() -> None:
    blocks = [{"type": "actions", "elements": [{"type": "button", "text": plain("x" * 76)}]}]
    assert [str(fault) for fault in check_blocks(blocks)] == [
        "[ERROR] must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]"
    ]


@pytest.mark.parametrize(
    "metadata",
    [
        {"event_type": "baton"},
        {"event_type": "baton", "event_payload": "7"},
        {"event_payload": {}},
        "baton",
        [],
    ],
)
def test_metadata_needs_a_type_and_a_payload(metadata: object) -> None:
    assert check_metadata(metadata) != []
    assert check_metadata({"event_type": "baton", "event_payload": {"delivery": 7}}) == []
