from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.leadform.column_names import NAMES
from bot.leadform.columns import (
    SKIP,
    BadMapping,
    Columns,
    find,
    nearest,
    parse_mapping,
    system_of,
    unique_names,
)

DATA = Path(__file__).parent / "data"

# As each tool heads its export, label for label, with the fields that they hold ("-": the sender's own).
EXPORTS: dict[str, tuple[str, str]] = {
    "hubspot": (
        "Record ID - Contact|First Name|Last Name|Email|Phone Number|Mobile Phone Number|Contact owner"
        "|Associated Company|Job Title|Number of Employees|Lifecycle Stage|Lead Status"
        "|Create Date (GMT-05:00)"
        "|Last Activity Date (GMT-05:00)|Original Source|Additional email addresses|Country/Region",
        "external_id|first_name|last_name|email|phone|phone|owner|company|title|employees|status"
        "|status|created_at"
        "|last_activity_at|source|-|country",
    ),
    "hubspot, German": (
        "Datensatz-ID|Vorname|Nachname|E-Mail|Telefonnummer|Mobiltelefonnummer|Name des Unternehmens"
        "|Jobtitel"
        "|Anzahl der Mitarbeiter|Land/Region|Lifecycle-Phase|Lead-Status|Erstellungsdatum"
        "|Ursprüngliche Quelle",
        "external_id|first_name|last_name|email|phone|phone|company|title|employees|country|status"
        "|status|created_at"
        "|source",
    ),
    "hubspot, French": (
        "ID de fiche d'informations|Prénom|Nom|E-mail|Numéro de téléphone|Nom de l'entreprise"
        "|Intitulé du poste"
        "|Nombre d'employés|Pays/Région|Date de la dernière activité",
        "external_id|first_name|last_name|email|phone|company|title|employees|country|last_activity_at",
    ),
    "hubspot, Spanish": (
        "ID de registro|Nombre|Apellidos|Correo|Número de teléfono|Nombre de la empresa|Puesto de trabajo"
        "|Número de empleados|País/región|Etapa del ciclo de vida",
        "external_id|first_name|last_name|email|phone|company|title|employees|country|status",
    ),
    "hubspot, Portuguese": (
        "ID do registro|Nome|Sobrenome|E-mail|Número de telefone|Nome da empresa|Cargo"
        "|Número de funcionários"
        "|País/Região|Fonte original",
        "external_id|first_name|last_name|email|phone|company|title|employees|country|source",
    ),
    "hubspot, Dutch": (
        "Record-ID|Voornaam|Achternaam|E-mail|Telefoonnummer|Bedrijfsnaam|Functie|Aantal werknemers"
        "|Land/regio"
        "|Levenscyclusfase",
        "external_id|first_name|last_name|email|phone|company|title|employees|country|status",
    ),
    "hubspot, Italian": (
        "ID record|Nome|Cognome|E-mail|Numero di telefono|Nome azienda|Qualifica|Numero di dipendenti"
        "|Paese/area geografica|Fase del ciclo di vita",
        "external_id|first_name|last_name|email|phone|company|title|employees|country|status",
    ),
    "hubspot, Japanese": (
        "レコードID|名|姓|Eメール|電話番号|携帯電話番号|会社名|役職|従業員数|国/地域"
        "|ライフサイクルステージ",
        "external_id|first_name|last_name|email|phone|phone|company|title|employees|country|status",
    ),
    "salesforce": (
        "Lead Owner|First Name|Last Name|Title|Company / Account|Email|Phone|Lead Source|No. of Employees"
        "|State/Province|Lead Status|Last Activity|Create Date|Lead ID",
        "owner|first_name|last_name|title|company|email|phone|source|employees|region|status"
        "|last_activity"
        "|created_at|external_id",
    ),
    "salesforce, API": (
        "Id|FirstName|LastName|Title|Company|Email|Phone|MobilePhone|LeadSource|Status"
        "|NumberOfEmployees|State"
        "|Country|CreatedDate|LastActivityDate|Owner.Name|IsConverted|Website|Industry",
        "id|first_name|last_name|title|company|email|phone|phone|source|status|employees|region"
        "|country|created_at"
        "|last_activity_at|owner|-|domain|industry",
    ),
    "salesforce, German": (
        "Lead-Inhaber|Vorname|Nachname|Position|Firma|E-Mail|Telefon|Mobil|Lead-Quelle|Lead-Status"
        "|Bundesland/Provinz",
        "owner|first_name|last_name|title|company|email|phone|phone|source|status|region",
    ),
    "salesforce, French": (
        "Propriétaire de la piste|Prénom|Nom|Titre|Société|Adresse e-mail|Téléphone|Origine de la piste"
        "|Statut de la piste|Nombre d'employés|État/Province",
        "owner|first_name|last_name|title|company|email|phone|source|status|employees|region",
    ),
    "salesforce, Spanish": (
        "Propietario de candidato|Nombre|Apellidos|Título|Compañía|Correo electrónico|Teléfono"
        "|Origen del candidato"
        "|Estado de candidato|Número de empleados",
        "owner|first_name|last_name|title|company|email|phone|source|status|employees",
    ),
    "pardot": (
        "Prospect Id|First Name|Last Name|Email|Company|Prospect Account|Website|Job Title|Country"
        "|Phone|Source"
        "|Employees|Industry|Comments|Score|Grade|Created Date|Updated Date|CRM Lead FID|Campaign"
        "|Assigned To",
        "external_id|first_name|last_name|email|company|company|domain|title|country|phone|source"
        "|employees|industry"
        "|notes|-|-|created_at|updated_at|external_id|campaign|owner",
    ),
    "marketo": (
        "Id|First Name|Last Name|Email Address|Company Name|Job Title|Phone Number|Person Source"
        "|Person Status"
        "|Acquisition Program|Num Employees|Industry|Created At|Updated At",
        "id|first_name|last_name|email|company|title|phone|source|status|campaign|employees|industry"
        "|created_at"
        "|updated_at",
    ),
    "linkedin": (
        "Lead ID|Created At (UTC)|Campaign Name|Form Name|First Name|Last Name|Email Address"
        "|Work Email|Job Title"
        "|Seniority|Company Name|Company Size|Industry|Country/Region",
        "external_id|submitted_at|campaign|-|first_name|last_name|email|email|title|-|company"
        "|company_size|industry"
        "|country",
    ),
    "meta": (
        "id|created_time|ad_id|ad_name|adset_id|adset_name|campaign_id|campaign_name|form_id"
        "|form_name|is_organic"
        "|platform|what_is_your_company_size?|full_name|email|phone_number|company_name|job_title"
        "|lead_status",
        "id|submitted_at|-|-|-|-|-|campaign|-|-|-|-|company_size|name|email|phone|company|title|status",
    ),
    "google_ads": (
        "Google Click ID|Lead Submit Time|Campaign|Ad Group|Full Name|User Email|User Phone"
        "|Company Name|Job Title"
        "|Work Email",
        "-|submitted_at|campaign|-|name|email|phone|company|title|email",
    ),
    "apollo": (
        "First Name|Last Name|Title|Company Name|Company Name for Emails|Email|Email Status"
        "|Work Direct Phone"
        "|Home Phone|Mobile Phone|Corporate Phone|Other Phone|# Employees|Industry|Website|State|Country"
        "|Company Phone|Annual Revenue|Apollo Contact Id|Secondary Email|Contact Owner",
        "first_name|last_name|title|company|company|email|-|phone|phone|phone|phone|phone|employees"
        "|industry|domain"
        "|region|country|phone|-|external_id|email|owner",
    ),
    "zoominfo": (
        "ZoomInfo Contact ID|Last Name|First Name|Job Title|Direct Phone Number|Email Address"
        "|Mobile phone|Country"
        "|Company Name|Website|Company HQ Phone|Employees|Employee Range|Primary Industry"
        "|Company Country",
        "external_id|last_name|first_name|title|phone|email|phone|country|company|domain|phone|employees"
        "|company_size|industry|country",
    ),
    "zoom": (
        "Attended|User Name (Original Name)|First Name|Last Name|Email|Organization|Job Title"
        "|Number of Employees"
        "|Registration Time|Join Time|Time in Session (minutes)|Country/Region Name",
        "attended|name|first_name|last_name|email|company|title|employees|registered_at|joined_at|-"
        "|country",
    ),
    "zoho": (
        "Record Id|Lead Owner.id|Lead Owner|Company|First Name|Last Name|Email|Phone|Mobile|Lead Source"
        "|Lead Status|No. of Employees|Created Time|Modified Time|Description|Lead Owner Id",
        "external_id|-|owner|company|first_name|last_name|email|phone|phone|source|status|employees"
        "|created_at"
        "|updated_at|notes|-",
    ),
    "pipedrive": (
        "Person - ID|Person - Name|Person - Email - Work|Person - Phone - Work|Person - Organization"
        "|Person - Job title|Person - Owner|Person - Email - Home",
        "external_id|name|email|phone|company|title|owner|email",
    ),
}  # fmt: skip


@pytest.mark.parametrize("tool", EXPORTS)
def test_the_labels_of_a_tool_are_understood(tool: str) -> None:
    header, fields = (text.split("|") for text in EXPORTS[tool])
    found = Columns(header)
    assert {c.name: c.field or "-" for c in found.all} == dict(zip(header, fields, strict=True))
    assert found.system == tool.partition(",")[0]


def test_what_a_form_asks_about_work_is_the_title_and_the_company() -> None:
    header = [
        "Order #",
        "First Name",
        "Surname",
        "Email",
        "Home Phone",
        "Work Job Title",
        "Work Company",
        "Cell Phone",
    ]
    fields = [column.field for column in Columns(header).all]
    assert fields == [None, "first_name", "last_name", "email", "phone", "title", "company", "phone"]


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        ("User Name|User Email|Invitee Name|Invitee Email", [None, None, "name", "email"]),
        ("User Email|Work Email|User Name", ["email", "email", "name"]),  # one person's two
        ("User Name|User Email|Company", ["name", "email", "company"]),  # nobody else is there
        ("Question 1|Response 1|Question 2|Email", ["question", "answer", None, "email"]),
    ],
)
def test_of_several_people_in_a_row_the_lead_is_not_the_user_of_the_tool(
    header: str, fields: list[str | None]
) -> None:
    assert [column.field for column in Columns(header.split("|")).all] == fields


def test_what_is_mapped_by_hand_is_what_the_hand_says() -> None:
    (ours, _) = Columns(["User Email", "Lead Email"], {"User Email": "email"}).all
    assert ours.field == "email"


@pytest.mark.parametrize(
    ("path", "system"),
    [
        ("03_salesforce_lead_report.csv", "salesforce"),
        ("04_hubspot_contacts.csv", "hubspot"),
        ("06_linkedin_lead_gen.csv", "linkedin"),
        ("07_apollo.csv", "apollo"),
        ("02_google_ads_lead_form.csv", "google_ads"),
        ("23_hubspot_french.csv", "hubspot"),
        ("19a_berlin_fair_badges.csv", None),
        ("20_role_addresses.csv", None),
    ],
)
def test_a_header_betrays_its_sender(path: str, system: str | None) -> None:
    with (DATA / path).open(encoding="utf-8-sig", newline="") as text:
        assert system_of(next(csv.reader(text))) == system


@pytest.mark.parametrize(
    ("header", "field", "order"),
    [
        ("Corporate Phone|Home Phone|Mobile Phone|Phone|Work Direct Phone", "phone", "43210"),
        ("Secondary Email|Email Address|Work Email", "email", "210"),
        ("User Email|Work Email", "email", "10"),
        ("Account Name|Company Name", "company", "10"),
        ("Original Source|utm_source|Lead Source", "source", "210"),
        ("Lifecycle Stage|Lead Status", "status", "10"),
        ("Phone|Phone", "phone", "01"),
    ],
)
def test_the_better_column_of_a_field_comes_first(header: str, field: str, order: str) -> None:
    assert "".join(str(column.place) for column in Columns(header.split("|")).of(field)) == order


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Name", "name"),
        ("Nom|Email", "name"),
        ("Nom|Prénom", "last_name"),
        ("Nombre|Apellidos", "first_name"),
        ("Name|Vorname", "last_name"),
        ("Naam|Voornaam", "last_name"),
        ("Name|First Name|Last Name", "name"),
    ],
)
def test_a_name_is_whole_unless_its_other_part_has_a_column(header: str, field: str) -> None:
    assert Columns(header.split("|")).all[0].field == field


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("What is your company size?", "company_size"),
        ("what_is_your_company_size?", "company_size"),
        ("Your work email", "email"),
        ("Quel est votre nombre d'employés ?", "employees"),
        ("Wie lautet Ihre Telefonnummer?", "phone"),
        ("¿Cuál es su cargo?", "title"),
        ("What is your favourite colour?", None),
        ("x" * 200, None),
        ("", None),
    ],
)
def test_a_question_is_a_column_too(asked: str, field: str | None) -> None:
    known = find(asked)
    assert (known and known.field) == field


def test_two_columns_of_one_name_are_told_apart() -> None:
    header = ["Phone", "phone", "Notes", "", "Notes", "Notes (2)", "\ufeffEmail", "Phone"]
    assert unique_names(header) == (
        "Phone",
        "phone (2)",
        "Notes",
        "Column 4",
        "Notes (2)",
        "Notes (2) (2)",
        "Email",
        "Phone (3)",
    )


@given(header=st.lists(st.text(alphabet="ab() 2", max_size=6), max_size=12))
def test_no_two_columns_share_a_name(header: list[str]) -> None:
    names = unique_names(header)
    assert len({name.casefold() for name in names}) == len(header)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Compny Name", "company name"),
        ("Emial Address", "email address"),
        ("Nubmer of Employees", "number of employees"),
        ("Fist Name", "first name"),
        ("Favourite Colour", None),
        ("Email", None),
        ("xyz", None),
    ],
)
def test_an_unknown_column_is_told_the_nearest_known_name(written: str, meant: str | None) -> None:
    assert nearest(written) == meant


def test_a_mapping_decides() -> None:
    mapping = parse_mapping(["Ma colonne=company", "Company=skip", "Größe = # Employees"])
    assert mapping == {"Ma colonne": "company", "Company": SKIP, "Größe": "employees"}
    found = Columns(["ma_colonne", "Company", "Größe", "Email"], mapping)
    assert [column.field for column in found.all] == ["company", SKIP, "employees", "email"]
    assert found.fields == {"company", "employees", "email"}
    assert found.unknown == ()


@pytest.mark.parametrize(
    ("option", "why"),
    [
        ("company", "is not a mapping; write it like"),
        ("=company", "is not a mapping"),
        ("Ma colonne=compny", 'no field "compny"; did you mean company'),
        ("Ma colonne=colour", 'no field "colour"; there are'),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(option: str, why: str) -> None:
    with pytest.raises(BadMapping, match=why):
        parse_mapping([option])


def test_a_mapping_of_a_column_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(BadMapping, match='no column "Ma colonne"; it has Email, Company'):
        Columns(["Email", "Company"], {"Ma colonne": "company"})


@pytest.mark.parametrize("field", NAMES)
def test_a_field_is_known_by_its_own_name(field: str) -> None:
    known = find(field)
    assert known is not None
    assert known.field == field


def test_the_columns_of_a_field_are_found_once_however_many_there_are() -> None:
    columns = Columns(["Email"] * 5_000)
    assert [column.place for column in columns.of("email")] == list(range(5_000))
    assert columns.of("email") is columns.of("email")  # asked for each column: to look anew takes minutes
