"""Which letters the languages of an encoding write beside a to z, and which East Asian characters are common.

By them encodings.py tells words from noise: "Jiří" is Czech, "Jiøí" is no language's. Data and look-ups only.
"""

from __future__ import annotations

from functools import cache

LATIN: dict[str, str] = {
    "de": "äöüß",
    "fr": "àâæçéèêëîïôœùûüÿ",
    "es": "áéíñóúü",
    "pt": "áâãàçéêíóôõúü",
    "it": "àèéìíòóùú",
    "nl": "éëïóöüèáí",
    "da": "æøåéüö",
    "sv": "åäöéü",
    "is": "áðéíóúýþæö",
    "ca": "àçèéíïòóúü",
    "pl": "ąćęłńóśźż",
    "cs": "áčďéěíňóřšťúůýž",
    "sk": "áäčďéíĺľňóôŕšťúýž",
    "hu": "áéíóöőúüű",
    "ro": "ăâîşţșț",
    "hr": "čćđšž",
    "tr": "çğıöşüİâîû",
    "lt": "ąčęėįšųūž",
    "lv": "āčēģīķļņšūž",
    "et": "äõöüšž",
}
_WESTERN = ("de", "fr", "es", "pt", "it", "nl", "da", "sv", "is", "ca")
_CENTRAL = ("pl", "cs", "sk", "hu", "ro", "hr", "de")

# Lower case, the most frequent letters of a language first; upper case follows.
SCRIPTS: dict[str, str] = {
    "ru": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
    "uk": "оаиніертвслкудмпзяьбгчйхжєїцюшґщф",
    "el": "αοιετσνηυρπκμλςάίόέήύώγδθφχβωξζψϊϋΐΰ",
    "he": "יוהלאתרבשמנםעדקחפטגסזכךץןצף",
    "ar": "اليمنرتوهعبدكسفحقشجطصخذءةئضثظزغأإىؤآ",
}

LANGUAGES: dict[str, tuple[str, ...]] = {
    "cp1252": _WESTERN,
    "mac_roman": _WESTERN,
    "cp850": _WESTERN,
    "cp1250": _CENTRAL,
    "iso8859_2": _CENTRAL,
    "cp852": _CENTRAL,
    "cp1254": ("tr", "de", "fr"),
    "cp1257": ("lt", "lv", "et", "pl"),
    "cp1251": ("ru", "uk"),
    "koi8_r": ("ru",),
    "cp866": ("ru",),
    "cp1253": ("el",),
    "cp1255": ("he",),
    "cp1256": ("ar",),
}
"""The languages that are written in each encoding of single bytes."""

_HEADERS = """
de vorname nachname unternehmen mitarbeiter; fr prenom societe entreprise courriel; es nombre apellidos correo
pt sobrenome celular funcionarios; it nome cognome azienda ruolo dipendenti; nl voornaam achternaam bedrijf
pl nazwisko imie stanowisko; cs jmeno prijmeni spolecnost; hu nev cegnev; ro nume prenume
hr ime prezime tvrtka; tr soyad sirket; lt vardas pavarde; lv vards uzvards
"""
HEADERS: dict[str, frozenset[str]] = {
    words[0]: frozenset(words[1:])
    for words in (entry.split() for line in _HEADERS.splitlines() for entry in line.split(";"))
    if words
}
"""Words of a header in plain letters, by the language that it is in."""

VOWELS = frozenset("aeiouyàáâãäåæèéêëìíîïòóôõöøœùúûüýÿąęėįųūāēīőűůă\u0131ěo")

# How an East Asian encoding numbers its characters: those of these lead bytes are the common ones.
_COMMON_LEADS: dict[str, tuple[int, int]] = {
    "gb18030": (0xB0, 0xD7),
    "big5": (0xA4, 0xC6),
    "cp932": (0x88, 0x97),
    "euc_jp": (0xB0, 0xCF),
    "cp949": (0xB0, 0xC8),
}
_HANGUL = frozenset(
    "이다는에가을의하고로은기한를지사도대해인어자리시나서아정그일스있보수들부전장만라동상여주구제조세과소유성원진마안"
    "미니모영우문선경계공국신비위관방물민회요산생용실내중드단개면무치반화재연오식양운트업발박김최강임윤권황송류홍준현훈"
    "혁희혜석철호환규태건승종명찬빈솔률별특울광청천북남케팅품템션컨팀예표책본차담당술획총점매판름목간교입출분속할금"
)  # the syllables that names, jobs and companies are made of
EASTERN = tuple(_COMMON_LEADS)
"""The encodings of two bytes a character."""


@cache
def likelihood(character: str, encoding: str) -> float:
    """How common a character is in the language that an East Asian encoding is used for, from 0 to 1."""
    if "\u3040" <= character <= "\u30ff" or character in "々〆ー":
        return 1.0 if encoding in ("cp932", "euc_jp") else 0.1
    if "\u3000" <= character <= "\u303f" or "\uff00" <= character <= "\uff60":
        return 0.7
    try:
        code = character.encode(encoding)
    except UnicodeEncodeError:
        return 0.0
    low, high = _COMMON_LEADS[encoding]
    if len(code) != 2 or not low <= code[0] <= high or (encoding == "cp949" and code[1] < 0xA1):
        return 0.1
    if encoding == "cp949":
        return 1.0 if character in _HANGUL else 0.5
    return 0.75 if encoding in ("cp932", "euc_jp") else 1.0


@cache
def letters_of(language: str) -> frozenset[str]:
    """The letters of a language beyond ASCII, in both cases."""
    small = LATIN.get(language) or SCRIPTS[language]
    return frozenset(small) | frozenset(small.upper())
