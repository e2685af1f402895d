"""Another admin is asked before somebody is erased: one more kind of message."""

from storage.migrations.kinds import add_kind

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_kind("erasure")
