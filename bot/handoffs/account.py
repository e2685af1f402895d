"""Who owns the account that a lead belongs to."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.agreement.model import Team
from bot.context import Context
from bot.errors import InvalidInput
from bot.handoffs.owners import owner_named
from bot.rules.in_charge import in_charge
from bot.rules.presence import away_at
from storage import companies, people
from storage.handoffs import LockedHandoff
from storage.models import Lead

NOBODY = "Nobody else here owns this account. Accept the lead, or choose another reason."


def account_owner(tx: Connection, ctx: Context, found: LockedHandoff, lead: Lead) -> tuple[str, Team]:
    """Whoever owns the account, and the team in which they get the lead; else who decides for its team now.

    The owner is whom the CRM names, else who has the company's other leads: first one that is not over. They
    are in the agreement, here, and not the context's actor. Raises InvalidInput where there is nobody.
    """
    agreement = ctx.book.current
    own = agreement.team(found.team)
    teams = [own, *agreement.teams] if own is not None else list(agreement.teams)
    reps = {rep.user: team for team in reversed(teams) for rep in team.reps if rep.user != ctx.actor}
    gone = {user for user, person in people.among(tx, reps).items() if person.left}
    absent = away_at(tx, sorted(reps), ctx.now)
    able = [user for user in reps if user not in gone and user not in absent]
    named = owner_named(tx, able, lead.crm_owner)
    domain = lead.company_domain
    having = companies.owners(tx, lead.id, domain, able) if domain and able else ()
    owner = named or next((each.owner for each in having), None)
    if owner is not None:
        return owner, reps[owner]
    deciding = in_charge(tx, ctx.book, own, ctx.now) if own is not None else ()
    if own is None or ctx.actor in deciding:
        raise InvalidInput({"reason": NOBODY})
    return deciding[0], own
