"""The DDL of a database as it reports it itself, as lines to be compared whatever the order of clauses."""

from __future__ import annotations

import re

from sqlalchemy import Connection, text

_SQLITE = (
    "SELECT type, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name <> 'alembic_version'"
)

_POSTGRES = (
    # columns: type, nullability, default
    """SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
              || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
              || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '') || ' ' || a.attidentity::text
       FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
             AND NOT a.attisdropped AND c.relname <> 'alembic_version'""",
    """SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
       WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
             AND conrelid::regclass::text <> 'alembic_version'""",
    """SELECT pg_get_indexdef(indexrelid) FROM pg_index
       WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace
                                                         AND relname <> 'alembic_version')""",
)


def ddl(tx: Connection) -> set[str]:
    """Every column with type, default and nullability, every constraint and every index, one line each."""
    if tx.dialect.name == "postgresql":
        return {line for query in _POSTGRES for (line,) in tx.execute(text(query))}
    lines = set()
    for kind, table, statement in tx.execute(text(_SQLITE)):
        if kind == "table":
            body = statement[statement.index("(") + 1 : statement.rindex(")")]
            lines |= {f"{table}: {_plain(clause)}" for clause in _clauses(body)}
        else:
            lines.add(_plain(statement))
    return lines


def _clauses(body: str) -> list[str]:
    """Split at the commas that stand in no parentheses and in no string."""
    depth, quoted, clauses = 0, False, [""]
    for letter in body:
        quoted ^= letter == "'"
        depth += 0 if quoted else (letter == "(") - (letter == ")")
        if letter == "," and depth == 0 and not quoted:
            clauses.append("")
        else:
            clauses[-1] += letter
    return clauses


def _plain(clause: str) -> str:
    clause = re.sub(r"\s+", " ", clause.replace('"', "")).replace("( ", "(").replace(" )", ")").strip()
    return re.sub(r"DEFAULT \((\w+)\)", r"DEFAULT \1", clause)  # a rebuild adds the parentheses
