"""What was refused before is found by a digest, however much came between."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("refused", sa.Column("digest", sa.String(), nullable=True))
    op.create_index("ix_refused_digest", "refused", ["digest"])
