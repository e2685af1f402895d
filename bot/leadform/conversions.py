"""Which kind of hand-raise a form was, by the name that a tool gives it: "Request a demo: Website form".

Only what asks for something counts: "Watch the demo" and "Pricing page" ask for nothing. What a lead's own
activities are called is left as the sender says.
"""

from __future__ import annotations

import re

_ASKS = re.compile(
    r"\b(?:requests?|requested|requesting|book|booked|booking|schedule|scheduled|get|arrange|want)\b"
    r"|anfrag|anforder|\bbuch|vereinbar|demande|réserv|reserv|solicit|\bpedi[rd]|agend|richi[ae]|prenot|aanvra"
    r"|依頼|申|希望|予約|リクエスト"
)
_ABOUT = (
    ("demo_request", re.compile(r"\bd[eé]mos?\b|d[eé]mon?stra|\bproduktdemo|demoanfrage|デモ")),
    (
        "pricing_request",
        re.compile(
            r"\bpric(?:e|es|ing)\b|\bquotes?\b|\bquotation|preis|angebot|\bprix\b|tarif|\bdevis\b|precio|cotiza"
            r"|presupuesto|orçament|preç|prezz|preventiv|\bprijs|offerte|見積|価格"
        ),
    ),
)
_CONTACT = re.compile(r"\b(?:contact|contacter|contactar|contatt\w*|kontakt\w*|talk|speak|call)\b|問い合わせ")
_SALES = re.compile(r"\b(?:sales|vertrieb\w*|ventes|ventas|vendas|vendite|verkoop|commercial\w*)\b|営業")


def conversion_kind(text: str) -> str | None:
    """The type of activity that a form's name amounts to: demo_request, pricing_request or contact_sales.

    None where it asks for none of these.
    """
    words = " ".join(text.casefold().replace("_", " ").split())
    if _CONTACT.search(words) and _SALES.search(words):
        return "contact_sales"
    if not _ASKS.search(words):
        return None
    return next((kind for kind, about in _ABOUT if about.search(words)), None)
