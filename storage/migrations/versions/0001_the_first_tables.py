"""The first tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def _where(condition: str) -> dict[str, Any]:
    return {"postgresql_where": sa.text(condition), "sqlite_where": sa.text(condition)}


def upgrade() -> None:
    for create in (
        _agreement_version,
        _campaign,
        _heartbeat,
        _lane,
        _lead,
        _outage,
        _person,
        _ping,
        _rotation,
        _user_group,
        _activity,
        _handoff,
        _lead_alias,
        _clock,
        _content_feedback,
        _delivery,
        _dispute,
        _event,
        _nag,
        _report,
        _decision,
    ):
        create()


def _agreement_version() -> None:
    op.create_table(
        "agreement_version",
        sa.Column("id", ID, nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hash"),
    )


def _campaign() -> None:
    op.create_table(
        "campaign",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner", sa.String()),
        sa.Column("spend_minor", sa.BigInteger()),
        sa.Column("currency", sa.String()),
        sa.PrimaryKeyConstraint("key"),
    )


def _heartbeat() -> None:
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _lane() -> None:
    op.create_table(
        "lane",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("ready_at", MOMENT, nullable=False),
        sa.Column("parked_at", MOMENT),
        sa.Column("error", sa.String()),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_index("ix_lane_parked", "lane", ["parked_at"], **_where("parked_at IS NOT NULL"))


def _lead() -> None:
    op.create_table(
        "lead",
        sa.Column("id", ID, nullable=False),
        sa.Column("stage", sa.Text(), server_default=sa.text("'inquiry'"), nullable=False),
        sa.Column("email", sa.String()),
        sa.Column("email_key", sa.String()),
        sa.Column("first_name", sa.String()),
        sa.Column("last_name", sa.String()),
        sa.Column("title", sa.String()),
        sa.Column("phone", sa.String()),
        sa.Column("company", sa.String()),
        sa.Column("company_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql")),
        sa.Column("domain", sa.String()),
        sa.Column("company_domain", sa.Text().with_variant(sa.Text(collation="C"), "postgresql")),
        sa.Column("employees", sa.Integer()),
        sa.Column("industry", sa.String()),
        sa.Column("country", sa.String()),
        sa.Column("region", sa.String()),
        sa.Column("source", sa.String()),
        sa.Column("campaign", sa.String()),
        sa.Column("amount_minor", sa.BigInteger()),
        sa.Column("currency", sa.String()),
        sa.Column("crm_url", sa.String()),
        sa.Column("owner", sa.String()),
        sa.Column("crm_owner", sa.String()),
        sa.Column("notes", sa.String()),
        sa.Column("qualified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("extra", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("grade", sa.String()),
        sa.Column("priority", sa.String()),
        sa.Column("why", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("recycled_until", MOMENT),
        sa.Column("unrouted_at", MOMENT),
        sa.Column("merged_into", ID),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.CheckConstraint(
            (
                "stage IN ('inquiry', 'mql', 'sal', 'sql', 'opportunity', 'won', 'lost', "
                "'recycled', 'disqualified')"
            ),
            name="ck_stage",
        ),
        sa.CheckConstraint("amount_minor IS NULL OR amount_minor >= 0", name="ck_amount"),
        sa.ForeignKeyConstraint(["merged_into"], ["lead.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email_key"),
    )
    op.create_index("ix_lead_company_domain", "lead", ["company_domain", "owner"])
    op.create_index("ix_lead_company_key", "lead", ["company_key", "id"])
    op.create_index("ix_lead_recycled_until", "lead", ["recycled_until"], **_where("stage = 'recycled'"))
    op.create_index("ix_lead_unrouted", "lead", ["unrouted_at"], **_where("unrouted_at IS NOT NULL"))


def _outage() -> None:
    op.create_table(
        "outage",
        sa.Column("id", ID, nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_outage_ended_at", "outage", ["ended_at"])


def _person() -> None:
    op.create_table(
        "person",
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("name", sa.String()),
        sa.Column("email", sa.String()),
        sa.Column("timezone", sa.String()),
        sa.Column("left", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("away_until", MOMENT),
        sa.Column("asked_at", MOMENT),
        sa.Column("prefs", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("home_opened_at", MOMENT),
        sa.PrimaryKeyConstraint("user_id"),
    )
    op.create_index("ix_person_home", "person", ["home_opened_at"], **_where("home_opened_at IS NOT NULL"))


def _ping() -> None:
    op.create_table(
        "ping",
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("place"),
    )


def _rotation() -> None:
    op.create_table(
        "rotation",
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("state", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("team"),
    )


def _user_group() -> None:
    op.create_table(
        "user_group",
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("members", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("group_id"),
    )


def _activity() -> None:
    op.create_table(
        "activity",
        sa.Column("id", ID, nullable=False),
        sa.Column("lead_id", ID, nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("detail", sa.String()),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("uq_activity", "activity", ["lead_id", "type", "at"], unique=True)


def _handoff() -> None:
    op.create_table(
        "handoff",
        sa.Column("id", ID, nullable=False),
        sa.Column("lead_id", ID, nullable=False),
        sa.Column("agreement_id", ID, nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("grade", sa.String(), nullable=False),
        sa.Column("why", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("campaign", sa.String()),
        sa.Column("owner", sa.String()),
        sa.Column("owner_why", sa.String()),
        sa.Column("handed_at", MOMENT, nullable=False),
        sa.Column("accepted_at", MOMENT),
        sa.Column("accepted_by", sa.String()),
        sa.Column("rejected_at", MOMENT),
        sa.Column("rejected_by", sa.String()),
        sa.Column("reason", sa.String()),
        sa.Column("note", sa.String()),
        sa.Column("touched_at", MOMENT),
        sa.Column("touched_by", sa.String()),
        sa.Column("touch", sa.String()),
        sa.Column("sql_at", MOMENT),
        sa.Column("opportunity_at", MOMENT),
        sa.Column("won_at", MOMENT),
        sa.Column("lost_at", MOMENT),
        sa.Column("recycled_at", MOMENT),
        sa.Column("disqualified_at", MOMENT),
        sa.Column("amount_minor", sa.BigInteger()),
        sa.Column("currency", sa.String()),
        sa.Column("deal_at", MOMENT),
        sa.Column("closed_at", MOMENT),
        sa.Column("snoozed_at", MOMENT),
        sa.Column("reassigned", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("card_id", ID),
        sa.CheckConstraint(
            "state IN ('waiting', 'accepted', 'rejected', 'closed', 'merged')", name="ck_state"
        ),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement_version.id"]),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_handoff_deal", "handoff", ["deal_at"], **_where("deal_at IS NOT NULL"))
    op.create_index("ix_handoff_handed_at", "handoff", ["handed_at"])
    op.create_index("ix_handoff_lead_id", "handoff", ["lead_id"])
    op.create_index(
        "ix_handoff_open_owner", "handoff", ["owner"], **_where("state IN ('waiting', 'accepted')")
    )
    op.create_index("ix_handoff_open_team", "handoff", ["team"], **_where("state IN ('waiting', 'accepted')"))
    op.create_index(
        "ix_handoff_opportunity", "handoff", ["opportunity_at"], **_where("opportunity_at IS NOT NULL")
    )
    op.create_index("ix_handoff_won", "handoff", ["won_at"], **_where("won_at IS NOT NULL"))
    op.create_index(
        "uq_handoff_open", "handoff", ["lead_id"], unique=True, **_where("state IN ('waiting', 'accepted')")
    )


def _lead_alias() -> None:
    op.create_table(
        "lead_alias",
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("lead_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"]),
        sa.PrimaryKeyConstraint("external_id"),
    )
    op.create_index("ix_lead_alias_lead_id", "lead_alias", ["lead_id"])


def _clock() -> None:
    op.create_table(
        "clock",
        sa.Column("id", ID, nullable=False),
        sa.Column("handoff_id", ID, nullable=False),
        sa.Column("lead_id", ID, nullable=False),
        sa.Column("agreement_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner", sa.String()),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("duration", sa.Integer(), nullable=False),
        sa.Column("wall", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("next_at", MOMENT),
        sa.Column("next_step", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("met_at", MOMENT),
        sa.Column("met_by", sa.String()),
        sa.Column("breached_at", MOMENT),
        sa.Column("cause", sa.Text()),
        sa.Column("stopped_at", MOMENT),
        sa.Column("paused_at", MOMENT),
        sa.Column("paused_until", MOMENT),
        sa.Column("remaining", sa.Integer()),
        sa.Column("worked", sa.Integer()),
        sa.CheckConstraint(
            ("cause IS NULL OR cause IN ('outage', 'no_eligible_rep', 'bad_data', 'rep', 'marketing')"),
            name="ck_cause",
        ),
        sa.CheckConstraint("kind IN ('accept', 'first_touch', 'outcome', 'answer')", name="ck_kind"),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement_version.id"]),
        sa.ForeignKeyConstraint(["handoff_id"], ["handoff.id"]),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_clock_answer",
        "clock",
        ["due_at"],
        **_where("kind = 'answer' AND met_at IS NULL AND stopped_at IS NULL"),
    )
    op.create_index("ix_clock_handoff_id", "clock", ["handoff_id"])
    op.create_index("ix_clock_long", "clock", ["due_at"], **_where("kind IN ('outcome', 'answer')"))
    op.create_index(
        "ix_clock_next",
        "clock",
        ["next_at"],
        **_where("met_at IS NULL AND stopped_at IS NULL AND next_at IS NOT NULL"),
    )
    op.create_index(
        "uq_clock_open",
        "clock",
        ["handoff_id", "kind"],
        unique=True,
        **_where("met_at IS NULL AND stopped_at IS NULL"),
    )


def _content_feedback() -> None:
    op.create_table(
        "content_feedback",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("lead_id", ID, nullable=False),
        sa.Column("handoff_id", ID, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("helped", sa.Boolean(), nullable=False),
        sa.Column("persona", sa.String()),
        sa.Column("journey", sa.String()),
        sa.Column("note", sa.String()),
        sa.ForeignKeyConstraint(["handoff_id"], ["handoff.id"]),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_content_feedback_at", "content_feedback", ["at"])
    op.create_index(
        "uq_content_feedback", "content_feedback", ["handoff_id", "user_id", "subject"], unique=True
    )


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("op", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("lead_id", ID),
        sa.Column("handoff_id", ID),
        sa.Column("thread_id", ID),
        sa.Column("target_id", ID),
        sa.Column("list_id", ID),
        sa.Column("body", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("trace", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reposts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("claimed_at", MOMENT),
        sa.Column("sent_at", MOMENT),
        sa.Column("channel", sa.String()),
        sa.Column("ts", sa.String()),
        sa.Column("error", sa.String()),
        sa.CheckConstraint(
            (
                "kind IN ('card', 'list', 'history', 'rejection', 'unrouted', 'parked', 'nag', "
                "'home', 'answer', 'report', 'detail')"
            ),
            name="ck_kind",
        ),
        sa.CheckConstraint("op IN ('post', 'update', 'publish')", name="ck_op"),
        sa.CheckConstraint(
            ("state IN ('pending', 'claimed', 'unknown', 'sent', 'listed', 'parked', 'dropped')"),
            name="ck_state",
        ),
        sa.ForeignKeyConstraint(["handoff_id"], ["handoff.id"]),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"]),
        sa.ForeignKeyConstraint(["list_id"], ["delivery.id"]),
        sa.ForeignKeyConstraint(["target_id"], ["delivery.id"]),
        sa.ForeignKeyConstraint(["thread_id"], ["delivery.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_delivery_handoff", "delivery", ["handoff_id", "kind"])
    op.create_index("ix_delivery_list", "delivery", ["list_id"], **_where("list_id IS NOT NULL"))
    op.create_index(
        "ix_delivery_open",
        "delivery",
        ["state", "due_at"],
        **_where("state IN ('claimed', 'unknown', 'parked')"),
    )
    op.create_index("ix_delivery_pending", "delivery", ["lane", "rank", "id"], **_where("state = 'pending'"))
    op.create_index("ix_delivery_target", "delivery", ["target_id"], **_where("target_id IS NOT NULL"))
    op.create_index("ix_delivery_thread", "delivery", ["thread_id"], **_where("thread_id IS NOT NULL"))
    op.create_index(
        "uq_delivery_nag",
        "delivery",
        ["place"],
        unique=True,
        **_where("kind = 'nag' AND op = 'post' AND state = 'pending' AND thread_id IS NULL"),
    )
    op.create_index(
        "uq_delivery_nag_thread",
        "delivery",
        ["place", "thread_id"],
        unique=True,
        **_where("kind = 'nag' AND op = 'post' AND state = 'pending' AND thread_id IS NOT NULL"),
    )
    op.create_index(
        "uq_delivery_publish",
        "delivery",
        ["place"],
        unique=True,
        **_where("op = 'publish' AND state = 'pending'"),
    )
    op.create_index(
        "uq_delivery_update",
        "delivery",
        ["target_id"],
        unique=True,
        **_where("op = 'update' AND state = 'pending'"),
    )


def _dispute() -> None:
    op.create_table(
        "dispute",
        sa.Column("id", ID, nullable=False),
        sa.Column("handoff_id", ID, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("argument", sa.String()),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("ruling", sa.Text()),
        sa.Column("ruled_by", sa.String()),
        sa.Column("ruled_at", MOMENT),
        sa.Column("again_id", ID),
        sa.CheckConstraint("answer IN ('agreed', 'resubmitted', 'contested')", name="ck_answer"),
        sa.CheckConstraint("ruling IS NULL OR ruling IN ('upheld', 'overturned')", name="ck_ruling"),
        sa.ForeignKeyConstraint(["again_id"], ["handoff.id"]),
        sa.ForeignKeyConstraint(["handoff_id"], ["handoff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("handoff_id"),
    )
    op.create_index("ix_dispute_open", "dispute", ["at"], **_where("answer = 'contested' AND ruling IS NULL"))


def _event() -> None:
    op.create_table(
        "event",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("lead_id", ID),
        sa.Column("handoff_id", ID),
        sa.Column("detail", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("trace", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["handoff_id"], ["handoff.id"]),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_event_kind", "event", ["kind", "at"])
    op.create_index("ix_event_lead", "event", ["lead_id", "id"])


def _nag() -> None:
    op.create_table(
        "nag",
        sa.Column("id", ID, nullable=False),
        sa.Column("delivery_id", ID, nullable=False),
        sa.Column("handoff_id", ID, nullable=False),
        sa.Column("clock_id", ID, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"]),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"]),
        sa.ForeignKeyConstraint(["handoff_id"], ["handoff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_nag_at", "nag", ["at"])
    op.create_index("ix_nag_delivery", "nag", ["delivery_id"])
    op.create_index("ix_nag_handoff", "nag", ["handoff_id"])
    op.create_index("uq_nag", "nag", ["clock_id", "step", "place", "what"], unique=True)


def _report() -> None:
    op.create_table(
        "report",
        sa.Column("id", ID, nullable=False),
        sa.Column("report", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("from_at", MOMENT, nullable=False),
        sa.Column("to_at", MOMENT, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("delivery_id", ID),
        sa.Column("body", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("uq_report", "report", ["report", "period", "channel"], unique=True)


def _decision() -> None:
    op.create_table(
        "decision",
        sa.Column("id", ID, nullable=False),
        sa.Column("report_id", ID, nullable=False),
        sa.Column("point", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("who", sa.String()),
        sa.Column("until", sa.Date()),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("uq_decision", "decision", ["report_id", "point"], unique=True)
