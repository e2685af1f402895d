"""People who join, leave, change, or change groups: heard of at once."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.handoffs.leaving import report_who_left
from bot.slack.directory import Directory
from handlers.desk import Desk
from storage.models import Actor


async def changed(desk: Desk, directory: Directory, ack: AsyncAck, event: dict[str, Any]) -> None:
    """`user_change` and `team_join`: somebody is new, left, or is called otherwise now."""
    if await directory.hear_person(event["user"]):
        await desk.do(report_who_left, None, Actor.BATON)
    await ack()


async def regrouped(desk: Desk, directory: Directory, ack: AsyncAck, event: dict[str, Any]) -> None:
    """`subteam_members_changed`: somebody joined or left a user group."""
    added, removed = event.get("added_users") or (), event.get("removed_users") or ()
    if await directory.hear_group(str(event["subteam_id"]), added, removed):
        desk.log.info("the user group %s has changed", event["subteam_id"])
    await ack()
