"""What stands in a cell where there is nothing: an empty text, "N/A", the first line of a menu ("Select…").

Which field a cell belongs to is decided by the caller.
"""

from __future__ import annotations

from typing import Any

from bot.leadform.values import clean

_MARKS = " \t-\u2013\u2014_.\u2026:*[](){}<>?!#\"'"
_LONGEST = 40

# Never a value. The first lines are what forms show before anybody has chosen.
_ALWAYS = """
select, select one, select an option, select option, select a value, select value, select from list
choose, choose one, choose an option, choose from list, pick one, pick an option, make a selection
no owner, unassigned, not assigned, kein zuständiger mitarbeiter, aucun propriétaire, sin propietario
please select, please select one, please select an option, please choose, please choose one, please pick one
n/a, none, no value, not set, not specified, not provided, not available, not applicable, not given, not known
no answer, unknown, undefined, unspecified, info requested, information requested, prefer not to say
bitte wählen, bitte auswählen, auswählen, keine angabe, k.a, veuillez choisir, veuillez sélectionner, choisir
seleccione, seleccionar, selecione, selecionar, seleziona, selezionare, maak een keuze, kies, 選択してください
n.v.t, nvt, geen, onbekend, niet opgegeven, niet van toepassing, nicht angegeben, unbekannt, k. a
non renseigné, non communiqué, sans objet, inconnu, n/c, n/d, s/d, sin datos, no aplica, desconocido
não informado, não se aplica, desconhecido, non specificato, non disponibile, non applicabile, sconosciuto
brak danych, nie dotyczy, 未設定, 未入力, 該当なし
"""
_WORDS = frozenset(word.strip() for line in _ALWAYS.splitlines() for word in line.split(",") if word.strip())
_NEVER_A_NAME = frozenset(("null", "nil", "nan", "blank", "empty", "tbd"))  # people are called Null and Nan
_NEVER_EXACT = frozenset(("na",))  # else Namibia, or North America
_ANY = _WORDS | _NEVER_A_NAME | _NEVER_EXACT


def is_blank(value: Any, *, exact: bool = False, person: bool = False) -> bool:
    """Whether a value is none.

    `exact`: in a field that holds no free text, such as a number or a date, "NA" is none either. `person`:
    in a person's name more is a value than elsewhere.
    """
    if not isinstance(value, str):
        return value is None or (isinstance(value, (list, tuple, dict)) and not value)
    text = value if value.isprintable() else clean(value)
    if len(text) > _LONGEST:
        return not text.strip()
    word = text.strip(_MARKS).casefold()
    if word and word not in _ANY:
        return False
    return not word or word in _WORDS or (word in _NEVER_A_NAME and not person) or exact
