"""The Web API's files methods, and the files that people and the bot have put into the workspace."""

from __future__ import annotations

from bot.sandbox.slack.api_chat import thread_of
from bot.sandbox.slack.context import Context, decoded, needed
from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.model import JsonDict


def put(context: Context, user: str, name: str, content: bytes) -> JsonDict:
    """A file that a person put into a file input, as Slack tells the app of it."""
    file_id = _new_id(context)
    address = f"{context.base_url}/files/{file_id}"
    told = {
        "id": file_id,
        "name": name,
        "title": name,
        "mimetype": "text/csv",
        "filetype": name.rpartition(".")[2].lower(),
        "user": user,
        "size": len(content),
        "url_private": address,
        "url_private_download": f"{address}?download",
    }
    context.uploads[file_id] = {**told, "content": content}
    return told


def _new_id(context: Context) -> str:
    return f"F{len(context.uploads) + 1:06d}"


def info(context: Context, args: JsonDict) -> JsonDict:
    """files.info"""
    stored = context.uploads.get(needed(args, "file"))
    if stored is None:
        raise ApiError("file_not_found")
    return {"file": {name: value for name, value in stored.items() if name != "content"}}


def upload_url(context: Context, args: JsonDict) -> JsonDict:
    """files.getUploadURLExternal"""
    size = needed(args, "length")
    if not size.isdecimal() or int(size) == 0:
        raise ApiError("invalid_arguments")
    file_id = _new_id(context)
    context.uploads[file_id] = {"id": file_id, "name": needed(args, "filename"), "content": b""}
    return {"file_id": file_id, "upload_url": f"{context.base_url}/upload/{file_id}"}


def complete_upload(context: Context, args: JsonDict) -> JsonDict:
    """files.completeUploadExternal"""
    files = decoded(args, "files", "invalid_arguments") or []
    finished = []
    for entry in files:
        stored = context.uploads.get(str(entry.get("id")))
        if stored is None or not stored["content"]:
            raise ApiError("file_not_found")
        finished.append({"id": stored["id"], "title": entry.get("title") or stored["name"]})
    if args.get("channel_id"):
        channel = context.writable(str(args["channel_id"]))
        titles = ", ".join(f"📎 {file['title']}" for file in finished)
        comment = str(args.get("initial_comment") or "")
        thread_ts = thread_of(context, channel, args)
        text = "\n".join(filter(None, (comment, titles)))
        context.workspace.post(channel.id, context.workspace.bot_user, text=text, thread_ts=thread_ts)
    return {"files": finished}
