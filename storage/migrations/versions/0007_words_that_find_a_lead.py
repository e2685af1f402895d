"""The words by which a lead is found, for every lead that is there."""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
AT_ONCE = 5000
UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)


def upgrade() -> None:
    op.create_table(
        "lead_word",
        sa.Column("word", WORD, nullable=False),
        sa.Column("lead_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"]),
        sa.PrimaryKeyConstraint("word", "lead_id"),
    )
    _fill()
    op.create_index("ix_lead_word_lead_id", "lead_word", ["lead_id"])


def _fill() -> None:
    tx, after = op.get_bind(), 0
    page = sa.text(
        "SELECT id, first_name, last_name, email, phone, company_key FROM lead"
        " WHERE id > :after ORDER BY id LIMIT :most"
    )
    add = sa.text("INSERT INTO lead_word (word, lead_id) VALUES (:word, :lead_id)")
    while rows := tx.execute(page, {"after": after, "most": AT_ONCE}).all():
        after = rows[-1].id
        words = [{"word": word, "lead_id": row.id} for row in rows for word in sorted(_words(row))]
        if words:
            tx.execute(add, words)


def _words(row: sa.Row[tuple[object, ...]]) -> set[str]:
    named = [name for name in (row.first_name, row.last_name) if name]
    named = named or [(row.email or "").partition("@")[0].replace(".", " ")]
    plain = unicodedata.normalize("NFKD", " ".join((*named, row.company_key or "")).casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char)).translate(UNDECOMPOSED)
    parts = re.split(r"[\W_]+", re.sub("['\u2019.](?=\\w)", "", plain))
    found = list(dict.fromkeys(part[:40] for part in parts if part))[:12]
    number = re.sub(r"(?i)\s*(?:;|ext|x).*", "", row.phone or "")
    digits = "".join(str(unicodedata.digit(char)) for char in number if char.isdigit()).lstrip("0")
    return {*found, *(["t:" + digits[::-1]] if len(digits) >= 6 else [])}
