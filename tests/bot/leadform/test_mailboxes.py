from __future__ import annotations

import pytest

from bot.leadform.keys import email_key
from bot.leadform.mailboxes import is_shared_mailbox

ROLES = """
info Info sales support contact office hello admin support+tickets sales2 sales.emea uk-support
info-berlin  info.de no-reply noreply accounts.payable accounts-payable customer_service team hr it jobs
press marketing  postmaster webmaster service service-client sales-team the.office  kontakt vertrieb
verkauf büro buero Geschäftsführung geschaeftsfuehrung buchhaltung kundenservice personal  post zentrale
einkauf sekretariat rechnung  accueil ventes commercial comptabilité comptabilite direction recrutement
facturation bonjour  ventas información hola atencionalcliente soporte rrhh administración pedidos compras
vendas contato geral financeiro suporte atendimento  verkoop klantenservice administratie inkoop
boekhouding receptie  vendite commerciale amministrazione segreteria assistenza ufficiostampa acquisti
"""
PEOPLE = """
jane jane.doe j.doe jdoe doe.jane jane+info jane+sales jane.support steve.jobs ann.sales hello.jane
informer  salesman contactor mark officer admini infosec.jane ola post.malone mia.admin 4711 o'brien jörg
山田
"""


@pytest.mark.parametrize("local", ROLES.split())
def test_a_mailbox_of_a_role_is_shared(local: str) -> None:
    assert is_shared_mailbox(f"{local}@acme.example")
    assert is_shared_mailbox(email_key(f"{local}@acme.example"))


@pytest.mark.parametrize("local", PEOPLE.split())
def test_a_person_s_mailbox_is_not(local: str) -> None:
    assert not is_shared_mailbox(f"{local}@acme.example")


@pytest.mark.parametrize(
    "text", ["", "info", "@info.example", "jane@info.example", "jane@sales.acme.example"]
)
def test_only_what_stands_before_the_at_counts(text: str) -> None:
    assert not is_shared_mailbox(text)
