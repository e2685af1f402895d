"""Keys of companies are made anew beside the bot's work, so that none has a legal form."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "INSERT INTO installation (name, value) SELECT 'company_keys', 'old'"
        " WHERE EXISTS (SELECT 1 FROM lead)"
    )
