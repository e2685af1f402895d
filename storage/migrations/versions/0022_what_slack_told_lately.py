"""Events that were heard lately, and other spellings of the words by which a lead is found."""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

AT_ONCE = 5000
SPLIT = re.compile(r"[\W_]+")
UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)
WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae"})


def upgrade() -> None:
    op.create_table(
        "slack_event",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_slack_event_at", "slack_event", ["at"])
    _add_spellings()


def _add_spellings() -> None:
    tx, after = op.get_bind(), 0
    page = sa.text(
        "SELECT id, first_name, last_name, email, company_key FROM lead"
        " WHERE id > :after ORDER BY id LIMIT :most"
    )
    add = sa.text("INSERT INTO lead_word (word, lead_id) VALUES (:word, :lead_id) ON CONFLICT DO NOTHING")
    while rows := tx.execute(page, {"after": after, "most": AT_ONCE}).all():
        after = rows[-1].id
        words = [{"word": word, "lead_id": row.id} for row in rows for word in sorted(_others(row))]
        if words:
            tx.execute(add, words)


def _others(row: sa.Row[tuple[object, ...]]) -> set[str]:
    named = [name for name in (row.first_name, row.last_name) if name]
    named = named or [(row.email or "").partition("@")[0].replace(".", " ")]
    said = unicodedata.normalize("NFC", " ".join((*named, row.company_key or "")).casefold())
    written = [word.translate(WRITTEN_OUT) for word in SPLIT.split(said) if word]
    found = [*_plain(said), *(word for one in written for word in _plain(one))]
    return {one[:40] for word in found for one in (word, re.sub(r"([aou])e", r"\1", word))}


def _plain(said: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", said)
    plain = "".join(char for char in plain if not unicodedata.combining(char)).translate(UNDECOMPOSED)
    return [word for word in SPLIT.split(re.sub("['\u2019.](?=\\w)", "", plain)) if word][:12]
