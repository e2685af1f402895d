"""The names that tools give to a lead's columns, exactly as they export them, in nine languages. Data only.

HubSpot, Salesforce (labels and API names), Pardot, Marketo, LinkedIn, Meta, Google Ads, Apollo, ZoomInfo,
Zoom, Zoho, Pipedrive, Typeform, Calendly, Google Forms; English, German, French, Spanish, Portuguese, Dutch,
Italian, Japanese, Polish. Case, spaces and punctuation do not matter.
"""

from __future__ import annotations

NAMES: dict[str, tuple[str, ...]] = {
    "external_id": (
        """external id; ext id; lead id; contact id; record id; record id - contact; record id - lead;
        crm id;
        prospect id; person id; unique id; hubspot id; hubspot contact id; salesforce id;
        salesforce lead id;
        salesforce contact id; sfdc id; sfdc lead id; sfdc contact id; marketo id; pardot id; crm lead id;
        crm lead fid; crm contact fid; vid; hs_object_id; apollo contact id; zoominfo contact id; lead - id;
        person - id; response id; lead record id; contact record id
        ; Datensatz-ID; Datensatz-ID - Kontakt; Lead-ID; Kontakt-ID; Kontaktnummer
        ; ID de fiche d'informations; ID de fiche d'informations - Contact; ID de l'enregistrement;
        ID de la piste
        ; ID du contact; ID de piste; Identifiant du contact
        ; ID de registro; ID de registro - Contacto; ID del contacto; ID de candidato; ID de prospecto
        ; ID do registro; ID do registo; ID do lead; ID do contato
        ; Record-ID; Record-ID - Contact; Contact-ID; Lead-ID
        ; ID record; ID record - Contatto; ID contatto; ID lead
        ; レコードID; レコードID - コンタクト; コンタクトID; リードID""",
    ),
    "email": (
        """work email; business email; work email address; business email address; corporate email;
        professional email; company email; email work; person - email - work; email - work; email (work)
        ; Geschäftliche E-Mail; Geschäftliche E-Mail-Adresse; Firmen-E-Mail; E-Mail geschäftlich
        ; E-mail professionnel; Adresse e-mail professionnelle; Email professionnel
        ; Correo electrónico del trabajo; Correo corporativo; Correo de trabajo; E-mail corporativo
        ; E-mail comercial; E-mail profissional; E-mail de trabalho; Zakelijk e-mailadres; Werk-e-mail
        ; E-mail aziendale; Email aziendale; E-mail di lavoro; 勤務先メールアドレス;
        仕事用メールアドレス
        ; E-mail służbowy; Służbowy adres e-mail""",
        """email; e-mail; email address; e-mail address; mail; mail address; primary email; contact email;
        lead email; person email; email id; user email; invitee email; person - email; email1; email 1;
        your email; lead - email; account.email
        ; E-Mail-Adresse; Mailadresse; E-Mail Adresse; Emailadresse
        ; Adresse e-mail; Adresse email; Adresse de messagerie; Courriel; Adresse courriel; Mél
        ; Correo; Correo electrónico; Dirección de correo electrónico; Dirección de email;
        Dirección de correo
        ; Endereço de e-mail; Correio eletrónico; Correio eletrônico
        ; E-mailadres; Mailadres; Indirizzo e-mail; Indirizzo email; Posta elettronica
        ; Eメール; メール; メールアドレス; 電子メール; E-mailアドレス; Eメールアドレス
        ; Adres e-mail; Adres email; Adres poczty elektronicznej""",
        """secondary email; alternate email; alternative email; other email; supplemental email; email 2;
        email2;
        personal email; private email; home email; email - home; person - email - home; email - other
        ; private E-Mail; E-Mail privat; E-mail personnel; Correo personal; E-mail pessoal; privé e-mail
        ; E-mail personale; 個人メールアドレス""",
    ),
    "first_name": (
        """first name; firstname; given name; forename; first; fname; contact first name; lead first name;
        invitee first name; person - first name; legal first name
        ; Vorname; Prénom; Primer nombre; Nombre de pila; Primeiro nome; Voornaam; 名; 名 (漢字)
        ; Imię""",
    ),
    "last_name": (
        """last name; lastname; surname; family name; last; lname; contact last name; lead last name;
        invitee last name; person - last name; legal last name
        ; Nachname; Familienname; Zuname; Nom de famille; Apellido; Apellidos; Sobrenome; Apelido;
        Último nome
        ; Achternaam; Familienaam; Cognome; 姓; 姓 (漢字); 苗字
        ; Nazwisko""",
    ),
    "infix": ("tussenvoegsel; tussenvoegsels; infix; name infix; surname prefix; last name prefix",),
    "name": (
        """full name; name; contact name; lead name; person name; person - name; invitee name; your name;
        fullname;
        user name (original name); name (original name); user name; lead - contact person; contact person
        ; Vollständiger Name; Vor- und Nachname; Ansprechpartner; Kontaktname
        ; Nom complet; Nom et prénom; Prénom et nom; Nom du contact; Nom
        ; Nombre completo; Nombre y apellidos; Nombre y apellido; Nombre del contacto; Nombre
        ; Nome completo; Nome e sobrenome; Nome do contato; Nome
        ; Volledige naam; Naam; Contactnaam; Nome e cognome; Nome del contatto; Nominativo
        ; 氏名; 名前; お名前; ご担当者名; 担当者名; コンタクト名
        ; Imię i nazwisko; Osoba kontaktowa""",
    ),
    "title": (
        """title; job title; position; job position; role; job role; job; contact title; jobtitle;
        person - job title; job title/position; work title; work job title; work position; current title;
        current job title; current position; professional title; business title
        ; Jobtitel; Berufsbezeichnung; Stellenbezeichnung; Funktion; Position im Unternehmen; Tätigkeit;
        Titel
        ; Intitulé du poste; Intitulé de poste; Poste; Fonction; Titre; Titre du poste
        ; Cargo; Puesto; Puesto de trabajo; Título; Cargo laboral; Título del puesto
        ; Função; Título do cargo; Functie; Functietitel; Functieomschrijving
        ; Posizione lavorativa; Qualifica; Ruolo; Mansione; Titolo professionale; Posizione; 役職; 職種;
        肩書き
        ; Stanowisko; Stanowisko pracy; what is your role; what is your job""",
    ),
    "phone": (
        """direct phone; direct phone number; direct dial; direct line; work direct phone; direct; ddi
        ; Durchwahl; Ligne directe; Teléfono directo; Telefone direto; Direct nummer; Telefono diretto;
        直通電話""",
        """phone; phone number; telephone; telephone number; tel; tel.; contact phone; user phone;
        lead phone;
        person - phone; phone 1; phone1; invitee phone; your phone number; text reminder number
        ; Telefon; Telefonnummer; Tel.-Nr.; Rufnummer; Téléphone; Numéro de téléphone; Tél; Tél.
        ; Teléfono; Número de teléfono; Telefone; Número de telefone; Telefoon; Telefoonnummer
        ; Telefono; Numero di telefono; 電話; 電話番号
        ; Numer telefonu; Nr telefonu""",
        """work phone; work phone number; business phone; business phone number; office phone;
        person - phone - work;
        phone - work; phone (work); work
        ; Telefon geschäftlich; Geschäftliche Telefonnummer; Büro; Téléphone professionnel; Téléphone bureau
        ; Teléfono del trabajo; Teléfono de trabajo; Telefone comercial; Zakelijk telefoonnummer;
        Werktelefoon
        ; Telefono ufficio; Telefono aziendale; 勤務先電話番号""",
        """mobile; mobile phone; mobile number; mobile phone number; cell; cell phone; cell phone number;
        cellphone;
        mobilephone; person - phone - mobile; phone - mobile; mobile phone 1; whatsapp; whatsapp number
        ; Mobil; Mobiltelefon; Mobiltelefonnummer; Handy; Handynummer; Mobilnummer
        ; Mobile; Téléphone mobile; Téléphone portable; Numéro de téléphone mobile; Portable
        ; Móvil; Celular; Teléfono móvil; Número de teléfono móvil; Teléfono celular
        ; Telemóvel; Número de celular; Número de telemóvel; Telefone celular
        ; Mobiel; Mobiele telefoon; Mobiel telefoonnummer; Mobiel nummer
        ; Cellulare; Numero di cellulare; Telefono cellulare; 携帯; 携帯電話; 携帯電話番号; モバイル
        ; Telefon komórkowy; Numer komórkowy; Komórka""",
        """other phone; other phone number; phone 2; phone2; person - phone - other; phone - other;
        alternate phone""",
        "home phone; home phone number; private phone; person - phone - home; phone - home; Telefon privat",
        """company phone; corporate phone; company phone number; company hq phone; hq phone;
        headquarters phone;
        switchboard; main phone; account phone; organization - phone
        ; Zentrale; Firmentelefon; Telefon Zentrale; Téléphone de l'entreprise; Centralita
        ; Teléfono de la empresa; Telefone da empresa; Bedrijfstelefoon; Centralino; 代表電話;
        会社電話番号""",
    ),
    "company": (
        """company; company name; organization; organisation; organization name; organisation name;
        employer; work company; work company name; work organization; work organisation; current company;
        current employer;
        business name; company / account; company/account; lead - organization; person - organization;
        deal - organization; associated company; associated company (primary); primary company; lead company
        ; Firma; Firmenname; Unternehmen; Unternehmensname; Name des Unternehmens; Zugehöriges Unternehmen
        ; Organisation; Arbeitgeber
        ; Entreprise; Nom de l'entreprise; Société; Nom de la société; Raison sociale; Entreprise associée
        ; Empresa; Nombre de la empresa; Compañía; Nombre de la compañía; Empresa asociada; Organización
        ; Nome da empresa; Companhia; Organização; Empresa associada
        ; Bedrijf; Bedrijfsnaam; Naam bedrijf; Organisatie; Gekoppeld bedrijf
        ; Azienda; Nome azienda; Nome dell'azienda; Società; Ragione sociale; Azienda associata
        ; Organizzazione
        ; 会社; 会社名; 企業名; 企業; 勤務先; 組織; 御社名; 貴社名
        ; Nazwa firmy; Firma / Account; Société / Compte; Compañía / Cuenta; Empresa / Conta
        ; Bedrijf / account; Società / Account; what company do you work for; which company do you work for
        ; what company are you with; where do you work""",
        """account; account name; account.name; prospect account name; prospect account;
        prospect_account_name;
        company name for emails; inferred company; Accountname; Nom du compte; Nombre de la cuenta;
        Nome da conta; Nome account; Account; 取引先; 取引先名""",
    ),
    "domain": (
        """domain; company domain; company domain name; domain name; email domain
        ; Unternehmensdomain; Domainname; Domäne; Nom de domaine de l'entreprise; Nom de domaine
        ; Dominio; Nombre de dominio; Nombre del dominio de la empresa; Domínio; Nome de domínio da empresa
        ; Domeinnaam; Bedrijfsdomeinnaam; Nome di dominio dell'azienda; ドメイン; 会社のドメイン名""",
        """website; web site; website url; company website; company url; homepage; web; url; web page
        ; Webseite; Website-URL; Internetseite; URL du site web; Site web; Site internet; URL du site Web
        ; URL del sitio web; Sitio web; Página web; URL do site; Site; Website da empresa
        ; URL sito web; Sito web; Sito; ウェブサイト; ウェブサイトURL; Webサイト; WebサイトのURL;
        ホームページ
        ; Strona internetowa; Strona WWW; Adres WWW""",
    ),
    "employees": (
        """employees; # employees; number of employees; no. of employees; no of employees; num employees;
        num. employees; employee count; employees count; headcount; company employees; company headcount;
        numberofemployees; account.numberofemployees; numemployees; total employees; nb employees
        ; Anzahl der Mitarbeiter; Anzahl Mitarbeiter; Mitarbeiterzahl; Mitarbeiteranzahl; Mitarbeiter
        ; Anzahl der Beschäftigten; Beschäftigte; Anzahl der Mitarbeitenden
        ; Nombre d'employés; Nombre de salariés; Effectif; Effectifs; Nb d'employés; Taille de l'effectif
        ; Número de empleados; N.º de empleados; Nº de empleados; Empleados; Cantidad de empleados
        ; Número de funcionários; Número de empregados; Número de colaboradores; N.º de funcionários
        ; Nº de funcionários; Funcionários; Quantidade de funcionários
        ; Aantal werknemers; Aantal medewerkers; Medewerkers; Werknemers
        ; Numero di dipendenti; Numero dipendenti; N. di dipendenti; Dipendenti; Numero di addetti
        ; 従業員数; 社員数; 従業員規模
        ; Liczba pracowników; Liczba zatrudnionych; how many employees do you have
        ; how many employees does your company have; how many people work at your company
        ; how many people work in your company; how many people do you employ""",
    ),
    "company_size": (
        """company size; size; employee range; employees range; company size range; size range;
        size of company;
        number of employees (range); organization size; company headcount range; team size
        ; Unternehmensgröße; Firmengröße; Größe des Unternehmens; Taille de l'entreprise; Taille
        ; Tamaño de la empresa; Tamaño; Tamanho da empresa; Porte da empresa; Bedrijfsgrootte;
        Bedrijfsomvang
        ; Dimensione aziendale; Dimensioni dell'azienda; Dimensione azienda; 企業規模; 会社の規模
        ; Wielkość firmy""",
    ),
    "industry": (
        """industry; sector; vertical; primary industry; company industry; industry type; account.industry
        ; Branche; Industrie; Wirtschaftszweig; Secteur d'activité; Secteur; Industria; Sector; Giro
        ; Setor; Indústria; Ramo de atividade; Segmento; Bedrijfstak; Settore; Settore industriale
        ; 業種; 業界
        ; Branża; Sektor""",
    ),
    "country": (
        """country; country/region; country code; country name; country/region name; person country;
        contact country; mailing country; billing country; mailingcountry; countrycode; lead country
        ; Land; Land/Region; Staat/Land; Pays; Pays/Région; País; País/región; País/Região; Land/regio
        ; Paese; Paese/Regione; Paese/area geografica; Nazione; 国; 国/地域; 国名
        ; Kraj""",
        """company country; company country/region; account country; organization country; Unternehmensland
        ; inferred country; ip country; hq country""",
    ),
    "region": (
        """region; state; state/region; state/province; province; territory; sales region; geo;
        person state;
        contact state; mailing state; mailing state/province; mailingstate; billing state
        ; Bundesland; Bundesland/Region; Bundesland/Kanton; Bundesland/Provinz; Kanton; Gebiet
        ; État/Région; Région; État/Province; Département; Estado/Región; Estado; Provincia;
        Estado o provincia
        ; Región; Comunidad autónoma; Estado/Região; Região; Estado/Província; UF
        ; Staat/regio; Provincie; Regio; Stato/regione; Provincia/Regione; Regione; 都道府県;
        都道府県/地域; 地域
        ; Województwo""",
        """company state; company region; company state/region; account state; inferred state region;
        hq state""",
    ),
    "source": (
        """source; lead source; person source; source name; lead origin; acquisition source; leadsource;
        lead source detail; lead - source; registration source
        ; Lead-Quelle; Leadquelle; Quelle; Herkunft; Source du lead; Origine de la piste; Source de la piste
        ; Origine du prospect; Fuente; Fuente del lead; Origen; Origen del candidato; Origen del prospecto
        ; Fuente de posible cliente; Origem; Origem do lead; Fonte do lead; Leadbron; Bron
        ; Fonte; Fonte lead; Fonte del lead; Origine lead; Origine; リードソース; 流入元
        ; Źródło; Źródło leada; Źródło potencjalnego klienta; 流入経路""",
        "utm_source; utm source; latest source; latest traffic source; recent conversion source",
        """original source; original lead source; original traffic source; traffic source;
        original source type
        ; Ursprüngliche Quelle; Ursprüngliche Traffic-Quelle; Source d'origine; Source de trafic d'origine
        ; Fuente original; Fuente de tráfico original; Fonte original; Oorspronkelijke bron
        ; Oorspronkelijke verkeersbron; Fonte originale; 元のソース; オリジナルソース""",
    ),
    "campaign": (
        """campaign; campaign name; lead campaign; marketing campaign; acquisition program; program;
        program name; utm_campaign; utm campaign; primary campaign; primary campaign source; campaign_name
        ; Kampagne; Kampagnenname; Campagne; Nom de la campagne; Campaña; Nombre de la campaña; Campanha
        ; Nome da campanha; Campagnenaam; Campagna; Nome campagna; キャンペーン; キャンペーン名
        ; Kampania; Nazwa kampanii""",
    ),
    "amount": (
        """amount; deal amount; deal value; opportunity amount; opportunity value; deal - value;
        lead - value;
        value ; Betrag; Dealbetrag; Montant; Montant de la transaction; Importe; Importe del negocio; Valor
        ; Valor do negócio; Bedrag; Dealbedrag; Importo; Importo affare; 金額; 取引額
        ; Kwota; Wartość""",
    ),
    "currency": (
        """currency; currency code; currency iso code; lead currency; deal currency; amount currency;
        opportunity currency; currencyisocode; deal - currency; currency of value
        ; Währung; Devise; Moneda; Moeda; Valuta; 通貨
        ; Waluta""",
    ),
    "crm_url": (
        """crm url; crm link; crm record; crm record url; record url; record link; lead url; lead link;
        contact url; hubspot url; salesforce url; salesforce link; link to crm""",
    ),
    "owner": (
        """owner; lead owner; contact owner; owner name; owner email; hubspot owner; sales rep; sales owner;
        assigned to; assigned rep; record owner; owner full name; owner.name; owner.email; lead - owner;
        person - owner; account owner; hubspot team owner; person owner
        ; Inhaber; Lead-Inhaber; Kontaktinhaber; Kontakt-Zuständiger; Zuständiger Mitarbeiter
        ; Für Kontakt zuständiger Mitarbeiter; Verantwortlich
        ; Propriétaire; Propriétaire du contact; Propriétaire de la piste; Propriétaire du lead
        ; Propietario; Propietario del contacto; Propietario de candidato; Propietario del lead
        ; Proprietário; Proprietário do contato; Proprietário do lead; Proprietário do contacto
        ; Eigenaar; Contacteigenaar; Eigenaar van contact; Leadeigenaar
        ; Proprietario; Proprietario del contatto; Titolare lead; Titolare
        ; 所有者; 担当者; コンタクト担当者; コンタクト所有者; リード所有者
        ; Właściciel; Opiekun; Właściciel kontaktu; Właściciel leada""",
    ),
    "notes": (
        """notes; note; lead notes; sales notes; comment; comments; description; message; remarks;
        additional information; questions & comments; questions and comments; how can we help
        ; Notizen; Notiz; Bemerkung; Bemerkungen; Kommentar; Kommentare; Beschreibung; Nachricht;
        Anmerkungen
        ; Remarques; Commentaire; Commentaires; Notas; Nota; Comentarios; Comentario; Descripción; Mensaje
        ; Observaciones; Observações; Comentários; Descrição; Mensagem; Notities; Opmerkingen; Omschrijving
        ; Commenti; Descrizione; Messaggio; Osservazioni; 備考; メモ; コメント; 説明;
        お問い合わせ内容
        ; Notatki; Uwagi; Komentarz; Opis; Wiadomość""",
    ),
    "qualified": ("qualified; is qualified; marketing qualified; qualified by marketing; mql qualified",),
    "stage": (
        "stage; lead stage; crm stage; opportunity stage; sales stage; deal stage; dealstage; deal - stage",
    ),
    "status": (
        """lead status; lead_status; person status; prospect status; contact status; leadstatus;
        hs_lead_status;
        status; deal status; deal - status
        ; Lead-Status; Leadstatus; Statut du lead; Statut de la piste; Estado del lead; Estado de candidato
        ; Estado de prospecto; Status do lead; Stato del lead; Stato lead; リードステータス; リード状況""",
        """lifecycle stage; lifecyclestage; Lifecycle-Phase; Phase du cycle de vie; Étape du cycle de vie
        ; Etapa del ciclo de vida; Estágio do ciclo de vida; Fase do ciclo de vida; Levenscyclusfase
        ; Fase del ciclo di vita; ライフサイクルステージ""",
    ),
    "closed_at": (
        """closed at; close date; closed date; closed on; date closed; closedate; won time; lost time
        ; Abschlussdatum; Schließdatum; Date de clôture; Date de fermeture; Fecha de cierre
        ; Data de fechamento; Data de fecho; Sluitingsdatum; Data di chiusura; 完了予定日; クローズ日""",
    ),
    "activities": ("activities; activity; activity type",),
    "activity_at": ("activity at; activity date; activity time",),
    "activity_detail": ("activity detail; activity details",),
    "last_activity": (
        """last activity; last activity type; latest activity; recent activity; latest touch; last touch;
        last engagement type; most recent conversion; recent conversion; last interesting moment;
        last interesting moment type
        ; Letzte Aktivität; Art der letzten Aktivität; Dernière activité; Última actividad; Última atividade
        ; Laatste activiteit; Ultima attività; 最終活動
        ; Ostatnia aktywność""",
    ),
    "last_activity_at": (
        """last activity date; last activity at; last activity time; lastactivitydate; latest activity date;
        notes_last_updated; date of last activity; last engagement date; recent conversion date;
        most recent conversion date; last interesting moment date; last touch date; last activity on
        ; Datum der letzten Aktivität; Letztes Aktivitätsdatum; Date de la dernière activité
        ; Date de dernière activité; Fecha de la última actividad; Fecha de última actividad
        ; Data da última atividade; Datum laatste activiteit; Data ultima attività;
        Data dell'ultima attività
        ; 最終アクティビティー日; 最終アクティビティ日; 最終活動日
        ; Data ostatniej aktywności""",
    ),
    "last_activity_detail": ("last activity detail; last activity details; last interesting moment desc",),
    "submitted_at": (
        """lead submit time; submitted at; submit time; submission date; submission time; submit date (utc);
        lead created time; lead created at; created at (utc); form submission date
        ; date submitted; submitted on; submitted date; date of submission; timestamp; submission timestamp
        ; Zeitstempel; Horodateur; Marca temporal; Carimbo de data/hora; Informazioni cronologiche
        ; Tijdstempel; タイムスタンプ; 送信日時; 回答日時; お問い合わせ日時; Sygnatura czasowa""",
    ),
    "attended": ("attended",),
    "canceled": ("canceled; cancelled; is canceled; is cancelled",),
    "booked_at": (
        "event created date & time; booked at; booked on; booking date; booking time; meeting booked at",
    ),
    "joined_at": ("join time",),
    "registered_at": ("registration time",),
    "created_at": (
        """create date; created date; created at; createdate; createddate; created on; creation date;
        created;
        date created; lead created; lead - created; person - created; created time
        ; Erstellungsdatum; Erstelldatum; Erstellt am; Date de création; Fecha de creación; Data de criação
        ; Aanmaakdatum; Data di creazione; 作成日
        ; Data utworzenia""",
    ),
    "updated_at": (
        """last modified date; last modified; updated at; modified date; lastmodifieddate; updated date;
        last updated; systemmodstamp; modified time; update time
        ; Datum der letzten Änderung; Zuletzt geändert; Date de dernière modification
        ; Fecha de última modificación; Data da última modificação; Datum laatst gewijzigd
        ; Data ultima modifica; 最終更新日""",
    ),
    "id": ("id",),
    "extra": ("extra",),
}
"""Per field the names of its columns, in ranks: where several are filled, a name of an earlier rank wins.

Besides the fields of LeadForm there are `name`, `infix` (before a Dutch last name), `id`, `extra`,
`company_size`, `status` and the moments: `last_…` is what a tool says of the past; `submitted_at`,
`joined_at`, `registered_at` and `booked_at` are events, unless `canceled` says otherwise.
"""

ASKED = (
    "what is your", "what's your", "whats your", "what is the", "please enter your", "enter your", "your",
    "my", "how many", "wie lautet ihr", "wie lautet ihre", "was ist ihr", "was ist ihre", "ihr", "ihre",
    "wie groß ist ihr",
    "quel est votre", "quelle est votre", "quel est le", "quelle est la", "votre", "cuál es tu", "cuál es su",
    "cual es tu", "cual es su", "tu", "su", "qual é o seu", "qual é a sua", "qual o seu", "qual a sua", "seu",
    "sua", "wat is uw", "wat is je", "uw", "je", "qual è il tuo",
    "qual è la tua", "qual è la sua", "il tuo",
)  # fmt: skip
"""What a form's question begins with: "What is your company size?" is a column of company sizes."""
