"""Another agreement comes into force while Baton runs: kept, gone by from now on, and told in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.agreement import LoadedAgreement
from bot.agreement.book import AgreementBook, open_book
from bot.agreement.file import Draft, write
from bot.context import Context
from storage import heartbeats
from storage.models import DeliveryKind
from storage.outbox import posts
from storage.outbox.bodies import AgreementBody
from storage.outbox.posts import Rank

WRITTEN = "agreement written"
"""The heartbeat of the last change that was written from Slack."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The book that is opened, to be gone by once this is committed; `before` is what was in force."""

    book: AgreementBook
    before: int

    def __str__(self) -> str:
        return self.book.called


def change_agreement(
    tx: Connection, ctx: Context, loaded: LoadedAgreement, by: Sequence[str] = ()
) -> Changed | None:
    """Keep the agreement, and tell the admins and the report's channel what changed. None: it is the same.

    `by` are the Slack ids of those who changed it, as far as that is known.
    """
    before = ctx.book.current_id
    book = open_book(tx, loaded, ctx.now)
    if book.current_id == before:
        return None
    body: AgreementBody = {"before": before, "after": book.current_id}
    if by:
        body["by"] = list(by)
    for place in sorted(_readers(book) | _readers(ctx.book)):
        posts.post(tx, ctx.stamp, DeliveryKind.AGREEMENT, place=place, rank=Rank.CLICK, body=body)
    return Changed(book, before)


def write_agreement(
    tx: Connection,
    ctx: Context,
    draft: Draft,
    by: Sequence[str],
    then: Callable[[Connection, Context], None] | None = None,
) -> Changed | None:
    """Replace the file and bring it into force, one replica at a time. On failure the caller puts it back.

    `then` is what else is true once it is in force: it is committed with it. Raises what that raises,
    FileChanged where somebody else changed the file meanwhile, and CannotWrite.
    """
    heartbeats.beat(tx, WRITTEN, ctx.now)  # its row is held until this is committed
    if then is not None:
        then(tx, ctx)
    write(draft)
    return change_agreement(tx, ctx, draft.loaded, by)


def _readers(book: AgreementBook) -> frozenset[str]:
    digest = book.current.digest
    channel = {digest.channel} if digest is not None else set()
    return book.people_in(book.current.roles.admins) | channel
