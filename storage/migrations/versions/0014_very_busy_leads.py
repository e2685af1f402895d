"""A lead with very many activities, and so with a very long history, is read along an index."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_activity_type", "activity", ["lead_id", "type", "at"])
    op.create_index("ix_event_lead_at", "event", ["lead_id", "at", "id"])
