"""A turn of the rotation that turned out to be none goes back: whoever had it gets the next in its place.

That is so for a lead that a manager takes from its owner, and for one rejected for a reason that says
`turn = "back"`. A lead that came to its owner otherwise was no turn, and gives nothing back.
"""

from __future__ import annotations

from sqlalchemy import Connection

from bot.rules.rotation import RotationState, give_back, take_back
from storage import history, rotations
from storage.handoffs import LockedHandoff
from storage.models import EventKind
from storage.models.details import Before, Turn


def return_turn(tx: Connection, found: LockedHandoff, was: Before) -> None:
    """Give the owner's turn back, if they had the lead by rotation; how things were remembers that."""
    last = history.last_of_lead(tx, found.lead_id, EventKind.ASSIGNED)
    if last is None or last.at < found.handed_at:
        return
    turn: Turn = {"team": str(last.detail["team"]), "user": str(last.detail["user"])}
    if turn == {"team": found.team, "user": found.owner}:
        state = RotationState.from_json(rotations.rotation(tx, turn["team"]))
        rotations.set_rotation(tx, turn["team"], give_back(state, turn["user"]).to_json())
        was["turn"] = turn


def count_again(tx: Connection, turn: Turn) -> None:
    """The turn that was given back counts after all, because what gave it back was undone."""
    state = RotationState.from_json(rotations.rotation(tx, turn["team"]))
    rotations.set_rotation(tx, turn["team"], take_back(state, turn["user"]).to_json())
