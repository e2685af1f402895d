"""Whoever drops a file into the form hears what became of it."""

from storage.migrations.kinds import add_kind

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_kind("imported")
