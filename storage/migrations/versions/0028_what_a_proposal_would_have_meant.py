"""What a replay says of a proposed change of the agreement."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("proposal", sa.Column("replayed", sa.String(), nullable=True))
