"""Somebody's App Home: opened, kept up to date, and what is chosen in it of how to be reminded."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy import Connection

from bot.context import Context
from bot.rules.prefs import Prefs, prefs_of
from bot.views.ids import Action
from storage import people
from storage.models import DeliveryKind
from storage.outbox import posts
from storage.outbox.posts import Rank

WATCHED_FOR = timedelta(minutes=15)
"""How long after somebody opened their Home it is kept up to date."""


def open_home(tx: Connection, ctx: Context, _command: None = None) -> None:
    """The context's actor looks at their Home: write it, and keep it up to date for a while."""
    people.home_opened(tx, ctx.actor, ctx.now)
    write_home(tx, ctx, ctx.actor)


def show_own_home(tx: Connection, ctx: Context, _command: None = None) -> None:
    """The context's actor did something that is asked for on Home: who has it open sees at once what came."""
    if ctx.actor in people.watching_home(tx, ctx.now - WATCHED_FOR):
        write_home(tx, ctx, ctx.actor)


def write_home(tx: Connection, ctx: Context, user: str) -> None:
    """Ask for somebody's Home to be shown as things stand when it goes out."""
    posts.publish(tx, ctx.stamp, DeliveryKind.HOME, place=user, rank=Rank.CLICK)


@dataclass(frozen=True, slots=True)
class PrefChange:
    """The context's actor chose one thing about how to be reminded: which menu, and what in it."""

    menu: str
    chosen: str


def change_prefs(tx: Connection, ctx: Context, change: PrefChange) -> Prefs:
    """Keep it; what is no choice at all changes nothing. Gives what holds from now on."""
    now = prefs_of(people.get(tx, ctx.actor))
    changed: dict[Action, dict[str, object]] = {
        Action.NUDGES: {"nudges": change.chosen},
        Action.DIGEST: {"digest": change.chosen != "no"},
        Action.QUIET: {"quiet": change.chosen},
    }
    told = {**asdict(now), **changed.get(Action(change.menu), {})}
    people.set_prefs(tx, ctx.actor, told)
    return prefs_of(people.get(tx, ctx.actor))
