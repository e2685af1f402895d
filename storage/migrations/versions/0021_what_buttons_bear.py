"""Each handoff has a token that nobody can guess, which its buttons bear besides its number."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_TOKEN = {
    "sqlite": "lower(hex(randomblob(8)))",
    "postgresql": "left(replace(gen_random_uuid()::text, '-', ''), 16)",
}


def upgrade() -> None:
    op.add_column("handoff", sa.Column("token", sa.String(), nullable=True))
    op.execute(f"UPDATE handoff SET token = {_TOKEN[op.get_bind().dialect.name]}")
    # Cards that stand in Slack have buttons without it: the next start rewrites those that are open.
    op.execute(
        "INSERT INTO installation (name, value) SELECT 'buttons', 'old' WHERE EXISTS (SELECT 1 FROM handoff)"
    )
