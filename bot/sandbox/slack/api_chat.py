"""The Web API's chat methods, reactions, files, and answers through a response URL."""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.slack.blockkit import check_attachments, check_blocks, check_metadata, check_view
from bot.sandbox.slack.context import Context, decoded, flag, needed
from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.model import Channel, JsonDict, Message
from bot.sandbox.slack.schema import Fault

TEXT_LIMIT = 40_000
UPDATE_TEXT_BYTES = 4_000
"""`chat.update` counts the bytes of its text, and takes fewer."""
BLOCKS_TEXT_LIMIT = 13_000
"""Characters of all blocks together. Not documented: `msg_blocks_too_long` is reported from about 13,100."""
METADATA_LIMIT = 16_000
TS = re.compile(r"\d{1,10}\.\d{6}")


def content_of(args: JsonDict, *, update: bool = False) -> JsonDict:
    """The checked text, blocks, attachments and metadata of a message. Raises ApiError in Slack's names."""
    content: JsonDict = {}
    if args.get("text") is not None:
        content["text"] = str(args["text"])
    blocks = decoded(args, "blocks", "invalid_blocks_format")
    attachments = decoded(args, "attachments", "invalid_attachments")
    metadata = decoded(args, "metadata", "invalid_metadata_format")
    if blocks is not None:
        refuse("invalid_blocks", check_blocks(blocks))
        content["blocks"] = blocks
    if attachments is not None:
        refuse("invalid_attachments", check_attachments(attachments))
        content["attachments"] = attachments
    if metadata is not None:
        refuse("invalid_metadata_schema", check_metadata(metadata))
        content["metadata"] = metadata
    check_sizes(content, update=update)
    return content


def check_sizes(content: JsonDict, *, update: bool) -> None:
    """Raise ApiError for a message that says nothing or too much."""
    if not any(content.get(name) for name in ("text", "blocks", "attachments")):
        raise ApiError("no_text")
    text = content.get("text", "")
    if len(text) > TEXT_LIMIT or (update and len(text.encode()) > UPDATE_TEXT_BYTES):
        raise ApiError("msg_too_long")
    if sum(map(len, texts_in(content.get("blocks", [])))) > BLOCKS_TEXT_LIMIT:
        raise ApiError("msg_blocks_too_long")
    if len(str(content.get("metadata", ""))) > METADATA_LIMIT:
        raise ApiError("metadata_too_large")


def texts_in(value: Any) -> list[str]:
    """Every text that a reader sees in these blocks."""
    if isinstance(value, list):
        return [text for item in value for text in texts_in(item)]
    if isinstance(value, dict):
        own = value.get("text")
        return [own] if isinstance(own, str) else [text for item in value.values() for text in texts_in(item)]
    return []


def refuse(error: str, faults: list[Fault]) -> None:
    """Raise ApiError `error` when there are faults."""
    if faults:
        raise ApiError(error, faults=faults)


def thread_of(context: Context, channel: Channel, args: JsonDict) -> str:
    """The ts of the thread to post into, empty for none. Raises ApiError for a thread that never was."""
    thread_ts = str(args.get("thread_ts") or "")
    if not thread_ts:
        return ""
    if not TS.fullmatch(thread_ts):
        raise ApiError("invalid_thread_ts")
    parent = context.workspace.messages.get(channel.id, {}).get(thread_ts)
    if parent is None or parent.ephemeral_to:
        raise ApiError("thread_not_found")
    return parent.thread_ts or parent.ts


def post_message(context: Context, args: JsonDict) -> JsonDict:
    """chat.postMessage"""
    channel = context.writable(needed(args, "channel"))
    content = content_of(args)
    thread_ts = thread_of(context, channel, args)
    message = context.workspace.post(
        channel.id,
        context.workspace.bot_user,
        thread_ts=thread_ts,
        broadcast=bool(thread_ts) and flag(args, "reply_broadcast"),
        **content,
    )
    if thread_ts:
        start_thread(context, channel, thread_ts)
    return {"channel": channel.id, "ts": message.ts, "message": message.to_api()}


def start_thread(context: Context, channel: Channel, thread_ts: str) -> None:
    """Note on a message that a thread hangs on it."""
    context.workspace.messages[channel.id][thread_ts].thread_ts = thread_ts


def post_ephemeral(context: Context, args: JsonDict) -> JsonDict:
    """chat.postEphemeral"""
    channel = context.writable(needed(args, "channel"))
    user = needed(args, "user")
    if user not in channel.members:
        raise ApiError("user_not_in_channel")
    content = content_of(args)
    content.pop("metadata", None)
    thread_ts = thread_of(context, channel, args)
    message = context.workspace.post(
        channel.id, context.workspace.bot_user, ephemeral_to=user, thread_ts=thread_ts, **content
    )
    return {"message_ts": message.ts}


def update(context: Context, args: JsonDict) -> JsonDict:
    """chat.update. What is not sent stays: blocks, attachments, metadata."""
    channel = context.writable(needed(args, "channel"))
    message = context.message(channel, needed(args, "ts"))
    if not message.by_bot:
        raise ApiError("cant_update_message")
    context.workspace.update(message, **content_of(args, update=True))
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": message.to_api()}


def delete(context: Context, args: JsonDict) -> JsonDict:
    """chat.delete"""
    channel = context.writable(needed(args, "channel"))
    message = context.message(channel, needed(args, "ts"))
    if not message.by_bot:
        raise ApiError("cant_delete_message")
    context.workspace.delete(message)
    return {"channel": channel.id, "ts": message.ts}


def permalink(context: Context, args: JsonDict) -> JsonDict:
    """chat.getPermalink"""
    channel = context.channel(needed(args, "channel"))
    message = context.message(channel, needed(args, "message_ts"))
    link = f"{context.base_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.in_thread:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def add_reaction(context: Context, args: JsonDict) -> JsonDict:
    """reactions.add"""
    channel = context.writable(needed(args, "channel"))
    message = context.message(channel, needed(args, "timestamp"))
    name = needed(args, "name")
    if context.workspace.bot_user in message.reactions.get(name, []):
        raise ApiError("already_reacted")
    context.workspace.react(message, name, context.workspace.bot_user)
    return {}


def validate_blocks(_context: Context, args: JsonDict) -> JsonDict:
    """blocks.validate: needs no token, changes nothing."""
    blocks = decoded(args, "blocks", "invalid_arguments")
    message = decoded(args, "message", "invalid_arguments")
    view = decoded(args, "view", "invalid_arguments")
    if blocks is None and isinstance(message, dict):
        blocks = message.get("blocks")
    if blocks is None and view is None:
        raise ApiError("invalid_arguments")
    if blocks is not None:
        refuse("invalid_blocks", check_blocks(blocks))
    if view is not None:
        refuse("invalid_arguments", check_view(view))
    return {}


def respond(context: Context, key: str, body: JsonDict) -> None:
    """An answer through a response URL. Raises ApiError as Slack refuses it."""
    url = context.tickets.respond(key)
    workspace = context.workspace
    original = workspace.message(url.channel, url.message_ts) if url.message_ts else None
    if flag(body, "delete_original"):
        if original is not None:
            workspace.delete(original)
        return
    content = content_of(body)
    if flag(body, "replace_original") and original is not None:
        workspace.update(original, **{"blocks": [], **content})
        return
    channel = workspace.channels[url.channel]
    private = body.get("response_type", "ephemeral") != "in_channel"
    workspace.post(
        channel.id,
        workspace.bot_user,
        ephemeral_to=url.user if private else "",
        thread_ts=thread_of(context, channel, body),
        **content,
    )


def answer_command(context: Context, user: str, channel: str, payload: JsonDict) -> Message | None:
    """Show what came in the ack of a slash command, if anything. Raises ApiError as Slack refuses it."""
    if not any(payload.get(name) for name in ("text", "blocks", "attachments")):
        return None
    private = payload.get("response_type", "ephemeral") != "in_channel"
    content = content_of(payload)
    content.pop("metadata", None)
    return context.workspace.post(
        channel, context.workspace.bot_user, ephemeral_to=user if private else "", **content
    )
