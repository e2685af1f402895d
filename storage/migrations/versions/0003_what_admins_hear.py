"""What admins hear: of what was refused at the doors."""

from storage.migrations.kinds import add_kind

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_kind("refused")
