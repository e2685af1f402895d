"""One edit of the agreement, made on its tables and on its text alike, so that the two can be compared.

On tables it is plain. On text it keeps what the edit is not about: comments, order, layout, line by line.
"""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.agreement.layout import Block, Names, after_item, blocks, closing, items, value_of

Tables = dict[str, Any]
Path = tuple[str | int, ...]
"""Keys, and the numbers of items of lists."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_CHANNEL = re.compile(r"#\s*#\S+")


@dataclass(frozen=True, slots=True)
class Put:
    """A key of a table is written, or taken out (None).

    `comment` is what is written beside it. A channel's name beside the id of another goes.
    """

    path: Path
    value: Any
    comment: str = ""

    def on_tables(self, data: Tables) -> None:
        """Make it there."""
        here: Any = data
        for part in self.path[:-1]:
            here = here.setdefault(part, {}) if isinstance(here, dict) else here[part]
        if self.value is None:
            here.pop(self.path[-1], None)
        else:
            here[self.path[-1]] = self.value

    def on_text(self, text: str) -> str:
        """Make it there. Raises LookupError or TOMLKitError where the layout is beyond it."""
        table, key = self.path[:-1], self.path[-1]
        data = tomllib.loads(text)
        if self.value is not None and not has(data, self.path):
            line = f"{key_text(str(key))} = {value_text(self.value)}\n"
            if (block := _block(text, table)) is not None:
                return _line_added(text, block, line)
            if not has(data, table):
                return _table_added(text, _names(table), line)
        import tomlkit  # with its items 1 MB, for the rare change
        from tomlkit.items import Item, Table

        document = tomlkit.parse(text)
        here: Any = at(document, table)
        if self.value is None:
            del here[key]
        else:
            here[key] = self.value
            item = here.item(str(key)) if isinstance(here, Table) and _block(text, table) else None
            if isinstance(item, Item) and self.comment:
                item.comment(self.comment)
            elif isinstance(item, Item) and _CHANNEL.fullmatch(item.trivia.comment):
                item.trivia.comment = item.trivia.comment_ws = ""
        return tomlkit.dumps(document)


@dataclass(frozen=True, slots=True)
class Append:
    """A list of tables gets a further item."""

    path: Path
    value: Tables
    comment: str = ""

    def on_tables(self, data: Tables) -> None:
        """Make it there."""
        at(data, self.path).append(copy.deepcopy(self.value))

    def on_text(self, text: str) -> str:
        """Make it there, as the items before it are written."""
        return _appended(text, self.path, self.value, value_text(self.value), self.comment)


@dataclass(frozen=True, slots=True)
class Drop:
    """An item of a list of tables goes, with what stands on its own lines; comments above it stay."""

    path: Path
    index: int

    def on_tables(self, data: Tables) -> None:
        """Make it there."""
        del at(data, self.path)[self.index]

    def on_text(self, text: str) -> str:
        """Make it there."""
        opening = _opening(text, self.path)
        if opening is not None:
            return _item_dropped(text, opening, self.index)
        first, last = _sections(text, self.path)[self.index]
        return text[: first.start] + text[last.filled :]


@dataclass(frozen=True, slots=True)
class Move:
    """An item of one list of tables goes to the end of another, as it is written, with its comment."""

    path: Path
    index: int
    to: Path

    def on_tables(self, data: Tables) -> None:
        """Make it there."""
        at(data, self.to).append(at(data, self.path).pop(self.index))

    def on_text(self, text: str) -> str:
        """Make it there."""
        value, comment = at(tomllib.loads(text), self.path)[self.index], ""
        written, opening = value_text(value), _opening(text, self.path)
        if opening is not None:
            begin, end = items(text, opening)[self.index]
            line, comma = after_item(text, end)
            written, comment = text[begin:end], text[end if comma is None else comma + 1 : line]
        elsewhere = _appended(text, self.to, value, written, comment.strip().removeprefix("#").strip())
        return Drop(self.path, self.index).on_text(elsewhere)


Edit = Put | Append | Drop | Move


def at(data: Any, path: Iterable[str | int]) -> Any:
    """What stands there. Raises LookupError."""
    for part in path:
        data = data[part]
    return data


def has(data: Tables, path: Iterable[str | int]) -> bool:
    """Whether anything stands there."""
    try:
        at(data, path)
    except LookupError:
        return False
    return True


def value_text(value: Any) -> str:
    """A value as it is written on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key_text(key)} = {value_text(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(value_text, value)) + "]"
    import tomlkit

    return str(tomlkit.item(value).as_string())


def key_text(name: str) -> str:
    """A key as it is written."""
    return name if _BARE.fullmatch(name) else value_text(name)


def section_text(path: Names, value: Tables) -> str:
    """An item of a list of tables as a section with a header of its own."""
    header = ".".join(map(key_text, path))
    return "\n".join(
        [f"[[{header}]]", *(f"{key_text(key)} = {value_text(item)}" for key, item in value.items()), ""]
    )


# ---- where it stands in the text


def _names(path: Path) -> Names:
    return tuple(part for part in path if isinstance(part, str))


def _sections(text: str, path: Path) -> list[tuple[Block, Block]]:
    """The items of a list that is written as [[sections]]: the first and the last block of each."""
    found: list[list[Block]] = []
    names, counts = _names(path), dict[Names, int]()
    wanted = {_names(path[:place]): part for place, part in enumerate(path) if isinstance(part, int)}
    for block in blocks(text):
        if block.listed:
            counts[block.path] = counts.get(block.path, -1) + 1
            counts = {one: count for one, count in counts.items() if not _is_under(one, block.path)}
        if any(counts.get(outer) != number for outer, number in wanted.items()):
            continue
        if block.listed and block.path == names:
            found.append([block])
        elif found and _is_under(block.path, names):
            found[-1].append(block)
    return [(one[0], one[-1]) for one in found]


def _is_under(path: Names, above: Names) -> bool:
    return len(path) > len(above) and path[: len(above)] == above


def _block(text: str, path: Path) -> Block | None:
    """The block of a table that has a header of its own; the top for ()."""
    if path and isinstance(number := path[-1], int):
        found = _sections(text, path[:-1])
        return found[number][0] if number < len(found) else None
    plain = _names(path) == path
    return next((one for one in blocks(text) if plain and not one.listed and one.path == path), None)


def _opening(text: str, path: Path) -> int | None:
    """Where the list at a path begins, if it is written in brackets."""
    for length in range(len(path) - 1, -1, -1):
        block = _block(text, path[:length])
        here = value_of(text, block.keys, str(path[length])) if block else None
        if here is not None:
            return _inner(text, here, path[length + 1 :])
    return None


def _inner(text: str, opening: int, path: Path) -> int:
    for part in path:
        inside = items(text, opening)
        found = inside[part][0] if isinstance(part, int) else value_of(text, inside, part)
        if found is None:
            raise KeyError(part)
        opening = found
    return opening


# ---- what changes in it


def _appended(text: str, path: Path, value: Tables, written: str, comment: str) -> str:
    opening = _opening(text, path)
    if opening is not None:
        return _item_added(text, opening, written, comment)
    found = _sections(text, path)
    note = f"# {comment}\n" if comment else ""
    return _inserted(
        text, found[-1][1].filled if found else len(text), note + section_text(_names(path), value)
    )


def _item_added(text: str, opening: int, written: str, comment: str) -> str:
    inside, close = items(text, opening), closing(text, opening)
    if not inside:
        return text[: opening + 1] + written + text[close:]
    begin, end = inside[-1]
    line, comma = after_item(text, end)
    indent = text[text.rfind("\n", 0, begin) + 1 : begin]
    if line >= close or indent.strip():  # they share a line
        return text[:end] + f", {written}" + text[end:]
    tail = text[end:line] if comma is not None else "," + text[end:line]
    note = f"  # {comment}" if comment else ""
    return text[:end] + tail + f"\n{indent}{written},{note}" + text[line:]


def _item_dropped(text: str, opening: int, index: int) -> str:
    inside = items(text, opening)
    begin, end = inside[index]
    line, comma = after_item(text, end)
    first = text.rfind("\n", 0, begin) + 1
    if not text[first:begin].strip() and text[line : line + 1] == "\n":  # lines of its own
        return text[:first] + text[line + 1 :]
    if index + 1 < len(inside):
        return text[:begin] + text[inside[index + 1][0] :]
    before = inside[index - 1][1] if index else begin
    return text[:before] + text[end if comma is None else comma + 1 :]


def _line_added(text: str, block: Block, line: str) -> str:
    header = text.find("\n", block.start) + 1 or len(text)
    return _inserted(text, block.filled if block.keys or not block.path else header, line)


def _table_added(text: str, path: Names, line: str) -> str:
    kin = [block for block in blocks(text) if block.path[:1] == path[:1]]
    header = ".".join(map(key_text, path))
    return _inserted(text, kin[-1].filled if kin else len(text), f"[{header}]\n{line}")


def _inserted(text: str, place: int, lines: str) -> str:
    before = text[:place]
    return before + ("\n" if before and not before.endswith("\n") else "") + lines + text[place:]
