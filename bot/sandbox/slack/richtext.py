"""The schema of rich_text: lists, quotes, preformatted text, and the pieces that lines are made of."""

from __future__ import annotations

from bot.sandbox.slack.schema import Arr, Bool, Num, Obj, OneOf, Spec, Str, typed

STYLE = Obj({name: Bool() for name in ("bold", "italic", "strike", "code", "underline")})
MENTION_STYLE = Obj(
    {name: Bool() for name in ("bold", "italic", "strike", "highlight", "client_highlight", "unlink")}
)
_PIECES: dict[str, tuple[dict[str, Spec], str]] = {
    "text": ({"text": Str(minimum=1), "style": STYLE}, "text"),
    "link": ({"url": Str(3000, 1), "text": Str(), "unsafe": Bool(), "style": STYLE}, "url"),
    "emoji": ({"name": Str(minimum=1), "unicode": Str(), "skin_tone": Num(1, 6, whole=True)}, "name"),
    "user": ({"user_id": Str(minimum=1), "style": MENTION_STYLE}, "user_id"),
    "usergroup": ({"usergroup_id": Str(minimum=1), "style": MENTION_STYLE}, "usergroup_id"),
    "channel": ({"channel_id": Str(minimum=1), "style": MENTION_STYLE}, "channel_id"),
    "broadcast": ({"range": Str(choices=("here", "channel", "everyone")), "style": MENTION_STYLE}, "range"),
    "color": ({"value": Str(minimum=1)}, "value"),
    "date": (
        {"timestamp": Num(0, whole=True), "format": Str(minimum=1), "url": Str(3000), "fallback": Str()},
        "timestamp format",
    ),
}
PIECES = OneOf({name: typed(name, *parts) for name, parts in _PIECES.items()})
SECTION = typed("rich_text_section", {"elements": Arr(PIECES)}, "elements")
BORDER = Num(0, 1, whole=True)
RICH_TEXT = typed(
    "rich_text",
    {
        "block_id": Str(255, 1),
        "elements": Arr(
            OneOf(
                {
                    "rich_text_section": SECTION,
                    "rich_text_list": typed(
                        "rich_text_list",
                        {
                            "elements": Arr(OneOf({"rich_text_section": SECTION}), minimum=1),
                            "style": Str(choices=("bullet", "ordered")),
                            "indent": Num(0, 8, whole=True),
                            "offset": Num(0, whole=True),
                            "border": BORDER,
                        },
                        "elements style",
                    ),
                    "rich_text_preformatted": typed(
                        "rich_text_preformatted",
                        {"elements": Arr(PIECES), "border": BORDER, "language": Str()},
                        "elements",
                    ),
                    "rich_text_quote": typed(
                        "rich_text_quote", {"elements": Arr(PIECES), "border": BORDER}, "elements"
                    ),
                }
            ),
            minimum=1,
        ),
    },
    "elements",
)
