"""The small company of the demo and the scenarios. Its ids are those of the sample agreement."""

from __future__ import annotations

from bot.sandbox.slack.model import Channel, Command, Person, Shortcut
from bot.sandbox.slack.state import WireClock, Workspace

BOT_USER = "U0BATON"
LEAD_WORDS = "status <who> | queue | mine | add | away [until] | back | history <who> | help"


def sample_people() -> list[Person]:
    """An admin, two marketers, a sales manager, four reps, and the bot."""

    def person(user: str, name: str, real_name: str, title: str, tz: str = "America/New_York") -> Person:
        return Person(user, name, real_name, f"{name}@example.com", tz, title, is_admin=user == "U0ADMIN")

    return [
        person("U0ADMIN", "ada", "Ada Admin", "Operations"),
        person("U0MARA", "mara", "Mara Marsh", "Marketing"),
        person("U0CMO", "chris", "Chris Moreau", "Marketing manager"),
        person("U0MGR", "morgan", "Morgan Reyes", "Sales manager"),
        person("U0REP1", "riley", "Riley Ross", "Sales"),
        person("U0REP2", "robin", "Robin Brandt", "Sales", "Europe/Berlin"),
        person("U0REP3", "sasha", "Sasha Park", "Sales"),
        person("U0REP4", "toni", "Toni Vale", "Sales"),
        Person(BOT_USER, "baton", "Baton", is_bot=True),
    ]


def sample_workspace(clock: WireClock) -> Workspace:
    """The company as a workspace; everybody, the bot included, is in every channel."""
    people = sample_people()
    everybody = [person.id for person in people]
    names = {"C0SALES": "sales", "C0GROWTH": "growth", "C0MKTG": "marketing", "C0LEADS": "leads-weekly"}
    return Workspace(
        clock=clock,
        bot_user=BOT_USER,
        people=people,
        channels=[Channel(channel, name, list(everybody)) for channel, name in names.items()],
        commands=[
            Command("/lead", "Where a lead stands, your leads, your queue", LEAD_WORDS),
            Command("/alignment", "What both teams promised and did", "week | month | quarter | last week"),
        ],
        shortcuts=[
            Shortcut("lead_add", "Add a lead"),
            Shortcut("lead_add_from_message", "Add a lead from this message", on_message=True),
        ],
    )
