"""Another agreement comes into force while Baton runs: kept, gone by from now on, and told in words."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.agreement import LoadedAgreement
from bot.agreement.book import AgreementBook, open_book
from bot.context import Context
from storage.models import DeliveryKind
from storage.outbox import posts
from storage.outbox.bodies import AgreementBody
from storage.outbox.posts import Rank


@dataclass(frozen=True, slots=True)
class Changed:
    """The book that is opened, to be gone by once this is committed; `before` is what was in force."""

    book: AgreementBook
    before: int

    def __str__(self) -> str:
        return self.book.called


def change_agreement(tx: Connection, ctx: Context, loaded: LoadedAgreement) -> Changed | None:
    """Keep the agreement, and tell the admins and the report's channel what changed. None: it is the same."""
    before = ctx.book.current_id
    book = open_book(tx, loaded, ctx.now)
    if book.current_id == before:
        return None
    body: AgreementBody = {"before": before, "after": book.current_id}
    for place in sorted(_readers(book) | _readers(ctx.book)):
        posts.post(tx, ctx.stamp, DeliveryKind.AGREEMENT, place=place, rank=Rank.CLICK, body=body)
    return Changed(book, before)


def _readers(book: AgreementBook) -> frozenset[str]:
    digest = book.current.digest
    channel = {digest.channel} if digest is not None else set()
    return book.people_in(book.current.roles.admins) | channel
