"""What a running bot does over and over, besides the tick and the audit."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from bot.crm.side import LOOK_EVERY as CRM_EVERY
from bot.crm.side import CrmSide
from bot.delivery.links import LOOK_EVERY as LINKS_EVERY
from bot.delivery.links import CardLinks
from bot.digest.posting import LOOK_EVERY, post_due_digest
from bot.engine.eraser import LOOK_EVERY as ERASE_EVERY
from bot.engine.eraser import Eraser
from bot.engine.home_watch import LOOK_EVERY as HOME_EVERY
from bot.engine.home_watch import HomeWatch
from bot.engine.reloading import LOOK_EVERY as RELOAD_LOOK_EVERY
from bot.engine.reloading import Reloading
from bot.engine.scheduler import Job
from bot.engine.timekeeper import Timekeeper
from bot.slack.directory import ASK_EVERY, Directory
from bot.slack.hearing import meet_workspace
from bot.slack.link import ASK_EVERY as ASK_SLACK_EVERY
from bot.slack.link import SlackLink
from handlers.desk import Desk
from handlers.slack.socket_mode import WATCH_EVERY, SocketLink
from storage import dropped, proposals

FILES_EVERY, PROPOSALS_EVERY = timedelta(seconds=20), timedelta(seconds=5)
REPLAYS_EVERY = timedelta(seconds=5)
SWEEP_EVERY = timedelta(minutes=1)


def jobs_of(
    desk: Desk,
    directory: Directory,
    link: SlackLink,
    socket: SocketLink | None,
    reloading: Reloading,
    crm: CrmSide,
    timekeeper: Timekeeper,
) -> list[Job]:
    """What is done over and over besides the tick and the audit."""
    eraser = Eraser(desk.database, desk.clock, desk.book, desk.log, timekeeper.is_right)
    return [
        Job("directory", ASK_EVERY, directory.refresh),
        Job("slack", ASK_SLACK_EVERY, partial(meet_workspace, link, desk.database, desk.clock)),
        Job("reload", RELOAD_LOOK_EVERY, reloading.look),
        Job("proposals", PROPOSALS_EVERY, partial(_look_at_proposals, desk, reloading)),
        Job("replays", REPLAYS_EVERY, partial(_replay_what_is_proposed, desk)),
        Job("home", HOME_EVERY, HomeWatch(desk.database, desk.clock, desk.book).look),
        Job("links", LINKS_EVERY, CardLinks(desk.database, desk.client, desk.log).look),
        Job("erasures", ERASE_EVERY, eraser.look),
        Job("crm", CRM_EVERY, crm.look),
        Job("sweep", SWEEP_EVERY, desk.database.sweep),
        Job("files", FILES_EVERY, partial(_go_on_with_files, desk)),
        Job("digest", LOOK_EVERY, partial(post_due_digest, desk.database, desk.clock, desk.book)),
        *([Job("socket", WATCH_EVERY, socket.watch)] if socket else []),
    ]


# What most starts have none of is loaded once there is one.


async def _look_at_proposals(desk: Desk, reloading: Reloading) -> None:
    if await desk.database.read(proposals.unsettled):
        from bot.engine.proposals import Proposals

        await Proposals(desk.database, desk.clock, reloading).look()


async def _replay_what_is_proposed(desk: Desk) -> None:
    if any(row.replayed is None for row in await desk.database.read(proposals.unsettled)):
        from bot.engine.replays import Replays

        await Replays(desk.database, desk.clock, desk.book).look()


async def _go_on_with_files(desk: Desk) -> None:
    if await desk.database.read(dropped.any_kept):
        from handlers.slack.dropped import go_on

        await go_on(desk)
