"""Mailboxes that several people read: addresses of a role (`info@`, `vertrieb@`) instead of a person.

In English, German, French, Spanish, Portuguese, Dutch and Italian. An address at which two names are known is
shared too; only who knows the leads there can tell.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from bot.memory import remembered

_ROLES = """
abuse accounting accounts admin administration administrator admissions assistance billing board bonjour
booking bookings business careers ciao clients com comms communication communications compliance connect
contact contacts contactus contracts customer customercare customers customerservice demo dev devops digital
donotreply dpo ecommerce editor editorial email enquiries enquiry events export facilities feedback finance
frontdesk gdpr general hallo hello help helpdesk hey hi hola hospitality hostmaster hotel hr import info
information infos inquiries inquiry intake international invest investors invoice invoices invoicing it
itsupport job jobs kontakt lead leads legal logistics mail mailbox maildesk mailerdaemon management
marketing media members membership news newsletter noc noreply office officemanager online operations ops
order orders partner partners partnership partnerships payable payables payment payments payroll people
postmaster pr press privacy procurement production project projects purchase purchasing quote quotes
reception recruiting recruitment registrar registration research reservation reservations returns root sales
secretary security service services shipping shop staff store studio subscribe supply support sysadmin team
tech techsupport tickets training unsubscribe volunteer warehouse web webmaster welcome workshop

anfrage anfragen angebot auftraege auftrag auftrage beratung bestellung bestellungen bewerbung bewerbungen
buchhaltung buero buro datenschutz disposition einkauf empfang geschaeftsfuehrung geschaeftsleitung
geschaftsfuhrung hotline kanzlei karriere kasse kundenbetreuung kundendienst kundenservice lager leitung
personal personalabteilung post poststelle praxis presse produktion rechnung rechnungen redaktion
reklamation rezeption schulung sekretariat servicecenter technik termine veranstaltungen verein verkauf
versand vertrieb verwaltung vorstand werkstatt zentrale

accueil achat achats administratif atelier boutique candidature candidatures client commande commandes
commercial commerciale compta comptabilite courrier devis direction facturation factures formation gerance
gestion informations mairie rdv recrutement renseignements rh secretariat service-client serviceclient
serviceclients siege vente ventes

administracion atencion atencionalcliente atencioncliente ayuda calidad citas clientes comercial compras
comunicacion contabilidad contacto correo cotizaciones direccion empleo empresa facturacion facturas
gerencia informacion informes logistica oficina pedidos prensa presupuestos proveedores recepcion reservas
rrhh secretaria seguros soporte taller tienda ventas

administracao apoio atendimento cobranca comunicacao contabilidade contato contatos curriculo diretoria
faturamento faturas financeiro fornecedores geral gestao imprensa informacoes licitacao loja orcamento
orcamentos ouvidoria pedido recepcao sac suporte vaga vagas venda vendas

aanvraag aanvragen administratie afspraken balie bestelling bestellingen bestuur boekhouding crediteuren
debiteuren directie facturen factuur inkoop klantenservice magazijn offerte offertes onthaal pers personeel
planning receptie redactie secretariaat vacature vacatures verkoop winkel

acquisti amministrazione assistenza assistenzaclienti clienti contabilita contatti curriculum direttore
direzione fatturazione fatture fornitori informazioni lavoro magazzino negozio ordini posta prenotazioni
preventivi produzione progetti qualita risorseumane segreteria spedizioni supporto ufficio
ufficiocommerciale ufficiostampa ufficiotecnico vendita vendite
"""

# So surely a role that what follows a dot or a hyphen is a place or a product: `sales-emea`, `info.berlin`.
_SURE = """
accounting administration billing buchhaltung commercial compras comptabilite contact contacto contato
einkauf enquiries help helpdesk hr info information inquiries jobs kontakt kundenservice marketing noreply
office orders press presse procurement purchasing reception recruiting sales secretariat sekretariat service
soporte suporte support team vendas vendite ventas ventes verkauf verkoop vertrieb
"""

# What stands beside a role in the same mailbox, and is no name.
_BESIDE = """
a and at global group the us usa uk eu emea apac latam dach de en fr es it nl pt br ca au in uae asia europe
america north south east west nord sud central corp inc gmbh all my our dept department desk center centre
office team no reply not do
"""


@lru_cache(maxsize=1)
def _tables() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    roles, sure, beside = (frozenset(text.split()) for text in (_ROLES, _SURE, _BESIDE))
    return roles, sure, beside


def is_shared_mailbox(email: str) -> bool:
    """Whether an address, or its key, is of a role that several people may fill, by its local part alone.

    Plus-tags, case, accents, numbers (`sales2@`) and a place (`sales.emea@`, `uk-support@`) do not count.
    """
    local, at, _ = email.strip().rpartition("@")
    return bool(at) and _is_role(local.partition("+")[0])


@remembered(4096)
def _is_role(local: str) -> bool:
    roles, sure, beside = _tables()
    plain = local.casefold()
    if not plain.isascii():
        decomposed = unicodedata.normalize("NFKD", plain)
        plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    words = re.findall(r"[^\W\d_]+", plain)
    if not words:
        return False
    if "".join(words) in roles or words[0] in sure:
        return True
    return any(word in roles for word in words) and all(word in roles or word in beside for word in words)
