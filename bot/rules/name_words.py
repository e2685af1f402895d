"""Words that stand in a name and are no part of it: titles, degrees, generations, and what means "no name".

Data only, in lower case and without dots; no word that is a common name too: who is called Earl stays so.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TITLES = _words("""
    mr mrs ms mx dr prof professor herr hr frau fr mgr mudr judr phdr rndr mme mlle monsieur madame
    mademoiselle sr sra srta doña dott dottssa sigra signa drs dhr mevr dr-ing dipl-ing univ-prof
""")
TITLES_WITH_A_DOT = _words("mag dipl ing ir sig avv rev hon capt")
"""Titles only as "Ing."; without the dot they are names."""

DEGREES = _words("""
    phd dphil mba emba md dds dmd dvm jd llm llb msc bsc meng beng mphil mpa mph edd esq cpa cfa pmp pe rn
    ceng cissp cspo csm shrm shrm-cp sphr dipl-ing drphil drmed
""")
DEGREES_AFTER_A_COMMA = DEGREES | _words("ma ba bs ms do np pa aca acca frcs fca mb")
"""Behind a comma there are more: "Ma" and "Do" are family names too."""

GENERATIONS = {
    **dict.fromkeys(("sr", "senior"), "1"),
    **dict.fromkeys(("jr", "junior", "júnior", "2nd", "ii"), "2"),
    **dict.fromkeys(("3rd", "iii"), "3"),
    **dict.fromkeys(("4th", "iv"), "4"),
}

PARTICLES = _words("""
    van von der den de het ten ter zu zum vom und la le las los del della di da dal dos das do du des y e el
    al bin ibn bint
""")

NO_NAMES = _words("""
    unknown anonymous none null nil n/a n.a. tbd tba undefined unbekannt inconnu desconocido desconhecido
    onbekend sconosciuto x xx xxx ? ?? - -- .
""") | {
    "not provided",
    "[not provided]",
    "[unknown]",
    "no name",
    "not set",
    "(blank)",
    "first name",
    "last name",
}
"""What forms and CRMs write where no name was given."""
