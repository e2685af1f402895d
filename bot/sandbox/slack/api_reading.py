"""The Web API's methods that read: who is there, which conversations there are, and what was said in them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TypeVar

from bot.sandbox.slack.context import Context, flag, needed, number
from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.model import BOT_ID, JsonDict, Message

T = TypeVar("T")

CURSOR = "next:"
KINDS = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}


def auth_test(context: Context, _args: JsonDict) -> JsonDict:
    """auth.test"""
    bot = context.workspace.people[context.workspace.bot_user]
    return {
        "url": f"{context.base_url}/",
        "team": context.team_name,
        "team_id": context.team_id,
        "user": bot.name,
        "user_id": bot.id,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def bot_info(context: Context, args: JsonDict) -> JsonDict:
    """bots.info: the app behind the bot."""
    if needed(args, "bot") != BOT_ID:
        raise ApiError("bot_not_found")
    bot = context.workspace.people[context.workspace.bot_user]
    shape = {"id": BOT_ID, "app_id": context.app_id, "name": bot.name, "user_id": bot.id, "deleted": False}
    return {"bot": shape}


def api_test(_context: Context, args: JsonDict) -> JsonDict:
    """api.test: says what it was told, and fails on demand."""
    if args.get("error"):
        raise ApiError(str(args["error"]))
    return {"args": args}


def open_conversation(context: Context, args: JsonDict) -> JsonDict:
    """conversations.open: the direct conversation with one person."""
    if args.get("channel"):
        channel = context.channel(str(args["channel"]))
    else:
        users = args.get("users") or ""
        names = users.split(",") if isinstance(users, str) else list(users)
        if len(names) != 1 or not names[0]:
            raise ApiError("users_list_not_supplied" if not any(names) else "not_enough_users")
        person = context.person(names[0].strip())
        if person.deleted:
            raise ApiError("user_disabled")
        if person.is_bot:
            raise ApiError("cannot_dm_bot")
        channel = context.workspace.direct(person.id)
    if not flag(args, "return_im"):
        return {"channel": {"id": channel.id}}
    return {"channel": channel.to_api(context.workspace.bot_user)}


def list_conversations(context: Context, args: JsonDict) -> JsonDict:
    """conversations.list"""
    kinds = str(args.get("types") or "public_channel").replace(" ", "").split(",")
    if not set(kinds) <= set(KINDS):
        raise ApiError("invalid_types")
    wanted = {KINDS[kind] for kind in kinds}
    for kind in sorted(wanted):
        context.require(f"{kind}:read")
    bot = context.workspace.bot_user
    seen = [
        channel.to_api(bot)
        for channel in context.workspace.channels.values()
        if channel.kind in wanted
        and (channel.kind == "channels" or bot in channel.members)
        and not (channel.is_archived and flag(args, "exclude_archived"))
    ]
    page, more = paged(seen, args, 100)
    return {"channels": page, "response_metadata": more}


def conversation_info(context: Context, args: JsonDict) -> JsonDict:
    """conversations.info"""
    channel = context.channel(needed(args, "channel"), "read")
    return {"channel": channel.to_api(context.workspace.bot_user)}


def conversation_members(context: Context, args: JsonDict) -> JsonDict:
    """conversations.members"""
    channel = context.channel(needed(args, "channel"), "read")
    page, more = paged(channel.members, args, 100)
    return {"members": page, "response_metadata": more}


def join(context: Context, args: JsonDict) -> JsonDict:
    """conversations.join"""
    channel = context.channel(needed(args, "channel"))
    if channel.is_archived:
        raise ApiError("is_archived")
    context.workspace.invite(channel.id, context.workspace.bot_user)
    return {"channel": channel.to_api(context.workspace.bot_user)}


def history(context: Context, args: JsonDict) -> JsonDict:
    """conversations.history: newest first, without what was said in threads."""
    messages = readable(context, args)
    top = [message for message in messages if not message.in_thread or message.broadcast]
    found = within(top, args)[::-1]
    page, more = paged(found, args, 100)
    with_metadata = flag(args, "include_all_metadata")
    return {
        "messages": [described(context, message, with_metadata) for message in page],
        "has_more": bool(more["next_cursor"]),
        "response_metadata": more,
    }


def replies(context: Context, args: JsonDict) -> JsonDict:
    """conversations.replies: a thread, the message it hangs on first."""
    channel = context.channel(needed(args, "channel"), "history")
    ts = needed(args, "ts")
    named = context.workspace.messages.get(channel.id, {}).get(ts)
    if named is None or named.ephemeral_to:
        raise ApiError("thread_not_found")
    root = named.thread_ts or named.ts
    parent = context.workspace.messages[channel.id][root]
    if context.workspace.bot_user not in channel.members:
        raise ApiError("not_in_channel")
    answers = context.workspace.replies(channel.id, root)
    if parent.deleted and not answers:
        raise ApiError("thread_not_found")
    page, more = paged([parent, *within(answers, args)], args, 1000)
    with_metadata = flag(args, "include_all_metadata")
    return {
        "messages": [described(context, message, with_metadata) for message in page],
        "has_more": bool(more["next_cursor"]),
        "response_metadata": more,
    }


def readable(context: Context, args: JsonDict) -> list[Message]:
    """A conversation's messages, oldest first. Raises ApiError for one that the bot may not read."""
    channel = context.channel(needed(args, "channel"), "history")
    if context.workspace.bot_user not in channel.members:
        raise ApiError("not_in_channel")
    messages = context.workspace.messages.get(channel.id, {}).values()
    return [message for message in messages if not message.ephemeral_to and not message.deleted]


def within(messages: list[Message], args: JsonDict) -> list[Message]:
    """The messages between `oldest` and `latest`, which themselves count only when `inclusive`."""
    try:
        oldest, latest = float(args.get("oldest") or 0), float(args.get("latest") or "inf")
    except ValueError:
        raise ApiError("invalid_ts_latest") from None
    if flag(args, "inclusive"):
        return [message for message in messages if oldest <= float(message.ts) <= latest]
    return [message for message in messages if oldest < float(message.ts) < latest]


def described(context: Context, message: Message, with_metadata: bool) -> JsonDict:
    """A message as the reading methods give it, with what is known of its thread."""
    body = message.to_api(with_metadata=with_metadata)
    if message.thread_ts == message.ts:
        answers = context.workspace.replies(message.channel, message.ts)
        if answers:
            body |= {"reply_count": len(answers), "latest_reply": answers[-1].ts}
    return body


def user_info(context: Context, args: JsonDict) -> JsonDict:
    """users.info"""
    person = context.person(needed(args, "user"))
    with_email = "users:read.email" in context.scopes
    return {"user": person.to_api(with_email=with_email, at=context.workspace.clock.wire())}


def list_users(context: Context, args: JsonDict) -> JsonDict:
    """users.list"""
    with_email = "users:read.email" in context.scopes
    at = context.workspace.clock.wire()
    people = [person.to_api(with_email=with_email, at=at) for person in context.workspace.people.values()]
    page, more = paged(people, args, 1000)
    return {"members": page, "response_metadata": more}


def lookup_by_email(context: Context, args: JsonDict) -> JsonDict:
    """users.lookupByEmail"""
    email = needed(args, "email").lower()
    for person in context.workspace.people.values():
        if person.email.lower() == email and not person.deleted:
            return {"user": person.to_api(with_email=True, at=context.workspace.clock.wire())}
    raise ApiError("users_not_found")


def list_groups(context: Context, args: JsonDict) -> JsonDict:
    """usergroups.list"""
    shapes = [group.to_api() for group in context.workspace.groups.values()]
    if not flag(args, "include_users"):
        shapes = [{name: value for name, value in shape.items() if name != "users"} for shape in shapes]
    return {"usergroups": shapes}


def group_members(context: Context, args: JsonDict) -> JsonDict:
    """usergroups.users.list"""
    group = context.workspace.groups.get(needed(args, "usergroup"))
    if group is None:
        raise ApiError("no_such_subteam")
    return {"users": list(group.users)}


def paged(items: Sequence[T], args: JsonDict, default: int) -> tuple[list[T], JsonDict]:
    """One page of a list and the cursor of the next. Raises ApiError `invalid_cursor` or `invalid_limit`."""
    start = 0
    if args.get("cursor"):
        try:
            text = base64.urlsafe_b64decode(str(args["cursor"])).decode()
            start = int(text.removeprefix(CURSOR))
        except ValueError:
            raise ApiError("invalid_cursor") from None
    end = start + number(args, "limit", default, 1000)
    cursor = base64.urlsafe_b64encode(f"{CURSOR}{end}".encode()).decode() if end < len(items) else ""
    return list(items[start:end]), {"next_cursor": cursor}
