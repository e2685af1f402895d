"""Where a lead came from, when several columns say so: the one that says most comes first."""

from __future__ import annotations

from bot.agreement.matching import simplify

_SAYS_NOTHING = """
offline, offline sources, online, web, website, internet, web site, direct, direct traffic, direct mail,
other, others, other campaigns, misc, miscellaneous, various, import, imported, csv, file, upload, list,
list import, manual, manual entry, crm, crm ui, api, integration, integrations, sync, database, data,
system, app, platform, inbound, outbound, marketing, sales, lead, leads, contact, contacts, form,
landing page, existing, new
"""
_NAMES_A_CHANNEL = """
organic, organic search, organic social, paid, paid search, paid social, paid media, search, seo, sea,
sem, ppc, social, social media, social networks, email, e-mail, email marketing, e-mail marketing,
newsletter, referral, referrals, partner, partners, partner referral, employee referral, word of mouth,
display, display ads, ads, advertisement, advertising, event, events, trade show, trade shows,
conference, webinar, webinars, seminar, phone, phone inquiry, phone call, call, chat, live chat, content,
content marketing, blog, video, pr, public relations, affiliate, affiliates, purchased list, cold call,
cold calling, ai referrals, cpc, google, bing, facebook, linkedin, twitter, instagram, youtube, mail
"""


def _plain(words: str) -> frozenset[str]:
    return frozenset(simplify(word) for word in words.replace("\n", ",").split(",") if simplify(word))


_LEVELS = (_plain(_SAYS_NOTHING), _plain(_NAMES_A_CHANNEL))


def specificity(source: str) -> int:
    """How much a source says: 0 for next to nothing (`OFFLINE`, `Web`), 1 for a channel (`Organic search`),
    2 for one thing (`Trade Show Berlin`)."""
    plain = simplify(source)
    return next((level for level, words in enumerate(_LEVELS) if plain in words), 2)


def source_and_origin(*sources: str) -> tuple[str, str | None]:
    """The most specific of some sources, the earlier of two alike, and the best of those that differ from it.

    For one lead over time: what is known first, then what is told. Raises ValueError for no sources at all.
    """
    best, *others = sorted(sources, key=lambda source: -specificity(source))
    return best, next((other for other in others if simplify(other) != simplify(best)), None)
