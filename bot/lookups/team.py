"""What is left to do after a team of the agreement was changed, in words."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.agreement.model import Team
from bot.context import Context
from bot.views.text import place
from storage import replicas

ELSEWHERE = (
    "Other replicas follow within a minute if they read the same file. Home names one that does not: "
    "change its file too."
)


def still_to_do(tx: Connection, ctx: Context, about: tuple[Team | None, str]) -> list[str]:
    """Of a team as it was and its name: whether the app has to be invited, and other machines' files."""
    before, name = about
    now = ctx.book.current.team(name)
    moved = before is not None and now is not None and before.channel != now.channel
    invite = (
        [f"If I am not in {place(now.channel)} yet, invite me: `/invite @Baton`."] if moved and now else []
    )
    return invite + ([ELSEWHERE] if replicas.of_another_agreement(tx, ctx.book.text_hash) else [])
