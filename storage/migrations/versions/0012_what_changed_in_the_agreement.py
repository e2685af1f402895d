"""What is heard of a changed agreement: one more kind of message."""

from storage.migrations.kinds import add_kind

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_kind("agreement")
