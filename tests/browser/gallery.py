"""A workspace that shows all that the page can draw: every block and element, threads, hostile text, charts.

Run it (`python -m tests.browser.gallery`) to look at the page by hand.
"""

from __future__ import annotations

import asyncio
from typing import Any

from bot.clock import Clock
from bot.sandbox import JsonDict, Sandbox
from bot.sandbox.page.page_api import LeadDoor, Page

HOSTILE = (
    "<!channel> &lt;img src=x onerror=alert(1)&gt; <script>alert(2)</script> "
    "*not _closed <javascript:alert(3)|x>"
)

SIGNS = "🔵🟢🟡⚪⚫❌☑⏸↩➡⚠🔗🏆🏁🔔🔥:tada:📎📈📉📊📣💤⏰⏳👋⭐✉📞✨📝👣🧭🎯📥🔁↪🤝👀💬🚀📌"
PICTURE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 88 88'%3E"
    "%3Crect width='88' height='88' fill='%23cfe3e6'/%3E"
    "%3Cpath d='M0 70 30 35l20 22 14-14 24 27v18H0Z' fill='%230b5f6e'/%3E%3C/svg%3E"
)


def plain(text: str) -> JsonDict:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> JsonDict:
    return {"type": "mrkdwn", "text": text}


def section(text: str, **more: Any) -> JsonDict:
    return {"type": "section", "text": mrkdwn(text), **more}


def option(text: str, value: str, description: str = "") -> JsonDict:
    chosen: JsonDict = {"text": plain(text), "value": value}
    return chosen | ({"description": plain(description)} if description else {})


def button(label: str, action_id: str, **more: Any) -> JsonDict:
    return {"type": "button", "text": plain(label), "action_id": action_id, "value": "7", **more}


COLOURS = [option("Red", "red"), option("Green", "green", "The colour of hope"), option("Blue", "blue")]
CONFIRM = {
    "title": plain("Delete it?"),
    "text": mrkdwn("*Nobody* can bring it back."),
    "confirm": plain("Delete"),
    "deny": plain("Keep"),
    "style": "danger",
}


def lead_card(at: int) -> list[JsonDict]:
    due = f"<!date^{at + 300}^{{date_short_pretty}} {{time}}|soon>"
    return [
        section(
            f"🔵 *P1 · Jane Doe*, VP Engineering\n*Northwind Rail* · 450 employees · Software · Germany\n"
            f"Please accept by {due}\nTeam Enterprise: the first to accept gets it\n"
            "<mailto:jane@northwind.example|jane@northwind.example> · <tel:+15550100|+1 555 0100>"
        ),
        section("*Why: A1* (fit A, engagement 1)\n• Asked for a demo\n• Senior title\n• 200+ employees"),
        section(
            "*Lead with:* Ship faster with fewer incidents\n"
            "*Send now:* <https://example.com/case|Case study: 40% fewer incidents>\n"
            "_Engineering leader, consideration stage_"
        ),
        {"type": "context", "elements": [mrkdwn("Webinar · q4-webinar"), mrkdwn("Note: asked about `SSO`")]},
        {
            "type": "actions",
            "elements": [
                button("Accept", "lead_accept", style="primary"),
                button("Reject", "lead_reject"),
                button("Open in CRM", "lead_crm", url="https://crm.example/1"),
                {
                    "type": "overflow",
                    "action_id": "lead_more",
                    "options": [option("Snooze", "snooze"), option("Reassign", "reassign")],
                },
            ],
        },
    ]


def texts(at: int) -> list[JsonDict]:
    return [
        {"type": "header", "text": plain("Everything that text can do")},
        section(
            f"*bold* _italic_ ~strike~ `code` 🟠 late 🔴 breached ✅ done\n{SIGNS}\n"
            "> a quote\n> of two lines\n"
            "Hello <@U0REP1>, <@U0MGR>, <!here>; see <#C0MKTG> and <https://example.com|the example>.\n"
            f"It is due <!date^{at}^{{date_long}} at {{time}}|then>.\n```\ndef f(x):\n    return x < 1\n```"
        ),
        {
            "type": "section",
            "fields": [
                mrkdwn("*Company*\nNorthwind"),
                mrkdwn("*Stage*\nSAL"),
                plain("Plain"),
                mrkdwn("*n*\n12"),
            ],
            "accessory": {"type": "image", "image_url": PICTURE, "alt_text": "Two hills"},
        },
        {"type": "divider"},
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [
                        {"type": "text", "text": "Rich "},
                        {"type": "text", "text": "text", "style": {"bold": True, "italic": True}},
                        {"type": "text", "text": " for "},
                        {"type": "user", "user_id": "U0REP2"},
                        {"type": "emoji", "name": "rocket"},
                    ],
                },
                {
                    "type": "rich_text_list",
                    "style": "ordered",
                    "elements": [
                        {"type": "rich_text_section", "elements": [{"type": "text", "text": word}]}
                        for word in ("one", "two")
                    ],
                },
                {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "as it is"}]},
            ],
        },
        {
            "type": "markdown",
            "text": "## A markdown block\nWith **bold**, *italic* and a [link](https://example.com).\n\n"
            "- [x] done\n- [ ] to do\n- plain\n\n| who | n |\n|---|--:|\n| Riley | 12 |\n| Robin | 9 |\n",
        },
        {
            "type": "table",
            "rows": [
                [{"type": "raw_text", "text": word} for word in ("Rep", "Accepted", "Median")],
                [
                    {"type": "raw_text", "text": "Riley Ross"},
                    {"type": "raw_number", "value": 31},
                    {"type": "raw_text", "text": "4 min"},
                ],
                [
                    {"type": "raw_text", "text": "Robin Brandt"},
                    {"type": "raw_number", "value": 28},
                    {"type": "raw_text", "text": "7 min"},
                ],
            ],
        },
    ]


def elements() -> list[JsonDict]:
    return [
        section(
            "Danger, with a question first",
            accessory=button("Delete", "delete", style="danger", confirm=CONFIRM),
        ),
        section(
            "A select",
            accessory={
                "type": "static_select",
                "action_id": "colour",
                "placeholder": plain("Colour"),
                "options": COLOURS,
            },
        ),
        section(
            "Several people",
            accessory={
                "type": "multi_users_select",
                "action_id": "who",
                "placeholder": plain("Who?"),
                "initial_users": ["U0REP1"],
            },
        ),
        section("A day", accessory={"type": "datepicker", "action_id": "day", "initial_date": "2026-11-23"}),
        section("A time", accessory={"type": "timepicker", "action_id": "time", "initial_time": "14:05"}),
        {
            "type": "actions",
            "elements": [
                {"type": "users_select", "action_id": "one", "placeholder": plain("A person")},
                {
                    "type": "checkboxes",
                    "action_id": "boxes",
                    "options": COLOURS,
                    "initial_options": [COLOURS[1]],
                },
                {
                    "type": "radio_buttons",
                    "action_id": "radios",
                    "options": COLOURS,
                    "initial_option": COLOURS[0],
                },
                {"type": "datetimepicker", "action_id": "when", "initial_date_time": 1795442700},
            ],
        },
    ]


def charts() -> list[JsonDict]:
    weeks = ["W44", "W45", "W46", "W47"]

    def series(name: str, *values: float) -> JsonDict:
        return {
            "name": name,
            "data": [{"label": week, "value": value} for week, value in zip(weeks, values, strict=True)],
        }

    axis = {"categories": weeks, "x_label": "Week", "y_label": "Leads"}
    return [
        {
            "type": "data_visualization",
            "title": "Handed off and accepted",
            "chart": {
                "type": "bar",
                "series": [series("Handed off", 31, 42, 38, 51), series("Accepted", 25, 36, 35, 44)],
                "axis_config": axis,
            },
        },
        {
            "type": "data_visualization",
            "title": "Why leads were rejected",
            "chart": {
                "type": "pie",
                "segments": [
                    {"label": "Too small", "value": 9},
                    {"label": "Bad contact", "value": 5},
                    {"label": "Duplicate", "value": 3},
                ],
            },
        },
    ]


def more_charts() -> list[JsonDict]:
    line, area = charts()[0], charts()[0]
    line = line | {"title": "The same as lines", "chart": line["chart"] | {"type": "line"}}
    area = area | {"title": "The same as areas", "chart": area["chart"] | {"type": "area"}}
    return [line, area]


def modal() -> JsonDict:
    """A modal with one of each input."""

    def entry(label: str, element: JsonDict, **more: Any) -> JsonDict:
        return {
            "type": "input",
            "block_id": element["action_id"],
            "label": plain(label),
            "element": element,
            **more,
        }

    return {
        "type": "modal",
        "callback_id": "everything",
        "title": plain("Reject Jane Doe"),
        "submit": plain("Reject"),
        "close": plain("Cancel"),
        "blocks": [
            section("*Jane Doe*, VP Engineering at *Northwind Rail*"),
            entry(
                "Reason",
                {
                    "type": "static_select",
                    "action_id": "reason",
                    "placeholder": plain("Why not?"),
                    "options": COLOURS,
                },
            ),
            entry(
                "Note",
                {
                    "type": "plain_text_input",
                    "action_id": "note",
                    "multiline": True,
                    "max_length": 60,
                    "placeholder": plain("What did you find?"),
                },
                hint=plain("Marketing reads this."),
                optional=True,
            ),
            entry(
                "Who should know",
                {"type": "multi_users_select", "action_id": "who", "placeholder": plain("Choose people")},
                optional=True,
            ),
            entry("How", {"type": "radio_buttons", "action_id": "how", "options": COLOURS}),
            entry("E-mail", {"type": "email_text_input", "action_id": "mail"}, optional=True),
            entry("Until", {"type": "datepicker", "action_id": "until"}, optional=True),
        ],
    }


def home() -> JsonDict:
    return {
        "type": "home",
        "blocks": [
            {"type": "header", "text": plain("Your leads")},
            *lead_card(1795442700)[:1],
            {"type": "divider"},
            *charts()[:1],
            lead_card(1795442700)[-1],
        ],
    }


async def furnish(sandbox: Sandbox) -> None:
    """Fill the workspace, as the bot and the people would."""
    workspace, bot = sandbox.workspace, sandbox.workspace.bot_user
    at = int(workspace.clock.wire().timestamp())
    workspace.post(
        "C0SALES",
        "U0MGR",
        text="Morning all. Two demos came in over night, *please* look at them first :eyes:",
    )
    workspace.post("C0SALES", "U0REP1", text="On it.")
    workspace.post("C0SALES", bot, text=HOSTILE, blocks=[section(HOSTILE)])
    workspace.post("C0SALES", bot, text="texts", blocks=texts(at))
    workspace.post("C0SALES", bot, text="elements", blocks=elements())
    workspace.post("C0SALES", bot, text="charts", blocks=charts())
    workspace.post("C0SALES", bot, text="more charts", blocks=more_charts())
    card = workspace.post("C0SALES", bot, text="New P1 lead: Jane Doe, Northwind Rail", blocks=lead_card(at))
    workspace.post("C0SALES", bot, text="<@U0REP1> this one is waiting for you.", thread_ts=card.ts)
    workspace.post("C0SALES", "U0REP1", text="Looking now.", thread_ts=card.ts)
    workspace.update(card, blocks=lead_card(at))
    workspace.post(
        "C0SALES", bot, text="Sorry, Robin Brandt accepted it first, today at 14:05.", ephemeral_to="U0REP1"
    )
    workspace.publish_home("U0REP1", home())
    workspace.post(workspace.direct("U0REP1").id, bot, text="You have 2 leads waiting.")
    workspace.open_modal("U0REP2", modal())


async def main() -> None:
    sandbox = Sandbox(clock=Clock(), port=8780, rate_limits=False)
    page = Page(sandbox, leads=LeadDoor("http://127.0.0.1:3000/leads", "demo"))
    sandbox.add_routes(page.routes())
    async with sandbox:
        await furnish(sandbox)
        print(sandbox.url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
