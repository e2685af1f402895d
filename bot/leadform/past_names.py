"""The names of the columns that tell what became of a lead, as CRMs export them. Data only.

Baton's own, HubSpot's contacts and deals, Salesforce's leads, lead history and opportunities, Pipedrive's and
Zoho's deals. Case, spaces and punctuation do not matter.
"""

from __future__ import annotations

PAST_NAMES: dict[str, str] = {
    "handed_off_at": """
        handed_off_at; handed off; handed off on; handoff at; handoff date; hand-off date; handed over at
        mql date; mql at; date became mql; became a marketing qualified lead date; marketing qualified date
        became a marketing qualified lead; hs_lifecyclestage_marketingqualifiedlead_date
        owner assigned date
        assigned date; date assigned; sent to sales; sent to sales date; passed to sales
        lead handoff date""",
    "accepted_at": """
        accepted_at; accepted; accepted on; accepted date; date accepted; sal date; sal at
        sales accepted date
        became a sales accepted lead date; working date""",
    "rejected_at": """
        rejected_at; rejected; rejected on; rejected date; rejection date; date rejected""",
    "disqualified_at": """
        disqualified_at; disqualified date; date disqualified; unqualified date; date unqualified""",
    "recycled_at": "recycled_at; recycled date; nurture date; date recycled",
    "reason": """
        reason; reject reason; rejected reason; rejection reason; reason for rejection
        disqualification reason
        disqualified reason; unqualified reason; closed lost reason; closed_lost_reason; loss reason
        lost reason; reason lost; reason for loss; lead - lost reason; deal - lost reason
        deal lost reason""",
    "first_touch_at": """
        first_touch_at; first touched at; first touched; first contact date; first contacted
        first contacted on
        first response date; date of first engagement; hs_sa_first_engagement_date; first outreach date
        first call date; first call datetime; firstcalldatetime; first email datetime; firstemaildatetime
        date of first call; first sales activity date""",
    "sql_at": """
        sql_at; sql date; date became sql; became a sales qualified lead date; became a sales qualified lead
        sales qualified date; hs_lifecyclestage_salesqualifiedlead_date""",
    "opportunity_at": """
        opportunity_at; opportunity date; became an opportunity date; opportunity created date
        opportunity create date; first deal created date; hs_lifecyclestage_opportunity_date; converted date
        converteddate; convert date; date converted; lead conversion date; deal - deal created
        deal created""",
    "won_at": """
        won_at; won on; won date; date won; won time; closed won date; became a customer date
        hs_lifecyclestage_customer_date; deal - won time""",
    "lost_at": "lost_at; lost on; lost date; date lost; lost time; closed lost date; deal - lost time",
    "team": "team; sales team; hubspot team; owner team; assigned team; handed off to; owner role",
    "contact": """
        associated contact; associated contacts; primary contact; contact: full name; deal - contact person
        deal contact""",
    "contact_id": """
        associated contact ids; associated contact id; contact id; contact: contact id; contactid""",
    "deal_id": "opportunity id; deal id; opportunityid; deal - id; hs_deal_id",
    "deal_name": "opportunity name; deal name; dealname; deal - title; deal title",
    "is_won": "won; is won; iswon; is closed won; hs_is_closed_won",
    "is_lost": "is closed lost; hs_is_closed_lost; is lost",
    "closed_at": """
        closed at; close date; closed date; closed on; date closed; closedate; opportunity close date
        deal - expected close date; expected close date; closing date; deal - deal closed on
        Abschlussdatum; Date de clôture; Fecha de cierre; Data de fechamento; Sluitingsdatum
        Data di chiusura""",
    "stage": """
        stage; lead stage; crm stage; opportunity stage; sales stage; deal stage; dealstage; deal - stage
        opportunity: stage; stagename; deal - status; deal status""",
    "status": """
        lead status; status; leadstatus; hs_lead_status; lifecycle stage; lifecyclestage; converted
        isconverted""",
    "created_at": """
        create date; created date; created at; createdate; createddate; created on; creation date; created
        date created; lead created; lead created date; lead - created; person - created
        contact created date
        Erstellungsdatum; Erstelldatum; Erstellt am; Date de création; Fecha de creación; Data de criação
        Aanmaakdatum; Data di creazione""",
    "owner": """
        opportunity owner; deal owner; hubspot_owner_id; deal - owner; opportunity owner: full name
        opportunity owner name""",
    "amount": "amount; opportunity amount; deal amount; deal - value; deal value; value",
    "email": """
        contact: email; contact email; primary contact email; primary contact: email; contact person email""",
    "first_name": "contact: first name; primary contact: first name",
    "last_name": "contact: last name; primary contact: last name",
    "title": "contact: title; primary contact: title",
    "company": "associated company; associated companies; deal - organization; account name: account name",
    "edit_field": "field / event; field",
    "new_value": "new value; newvalue",
    "old_value": "old value; oldvalue",
    "edited_at": "edit date; editdate",
    "edited_by": "edited by",
}
"""Per field the names of its columns; `edit_…` and the two values are those of a history, a line a change."""

ENTERED = r'date entered "?(.+?)(?: \([^()]+\))?"?'
"""How HubSpot names the moment at which a deal or a contact came to a stage."""

DEAL_MARKS = frozenset({"deal_id", "deal_name"})
"""Columns that a file of deals has; its record's own id and its creation are then the deal's."""

LEAD_MARKS = frozenset({"leadid", "leadstatus", "converteddate", "leadowner"})
"""Columns that a file of leads has, also where it names what they became."""
