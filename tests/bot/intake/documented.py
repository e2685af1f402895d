"""What other tools send, by their own documentation: people made up, shapes theirs.

Each has where the shape is documented and what has to come of it: the name, address, company, size and
event of the lead, or words of the sentence by which it is refused.
"""

from __future__ import annotations

from typing import NamedTuple


class Lead(NamedTuple):
    """What a body has to come to; None for what it does not say."""

    name: str
    email: str | None
    company: str | None = None
    employees: int | None = None
    event: str | None = None


class Body(NamedTuple):
    """A body in data/, the preset that is to read it, and what comes of it. `test`: it is a test lead."""

    preset: str
    file: str
    documented: str
    comes_to: tuple[Lead | str, ...]
    test: bool = False


_HUBSPOT = "https://developers.hubspot.com/docs"
_SALESFORCE = "https://developer.salesforce.com/docs"
_MARKETO = "https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/webhooks/webhooks"
_PIPEDRIVE = "https://pipedrive.readme.io/docs/guide-for-webhooks"
_TYPEFORM = "https://www.typeform.com/developers/webhooks/example-payload/"
_CALENDLY = "https://developer.calendly.com/docs/webhooks/overview"
_SEGMENT = "https://www.twilio.com/docs/segment/connections/spec"
_META = "https://developers.facebook.com/docs/graph-api/webhooks/getting-started/webhooks-for-leadgen"
_META_LEAD = "https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving"
_LINKEDIN = "https://learn.microsoft.com/en-us/linkedin/marketing/lead-sync/leadsync"
_GOOGLE = "https://developers.google.com/google-ads/webhook/docs/implementation"
_ZAPIER = "https://help.zapier.com/hc/en-us/articles/8496326446989"

_FORM_AT_TEN = "form_submission@2026-11-10T10:00"
_OLA = Lead("Ola Nordmann", "ola@tailspin.example", "Tailspin AS", 1250)
_ZOE = Lead("Zoe Hart", "zoe@blueyonder.example")

_NORA = Lead("Nora Lind", "nora@litware.example", "Litware", 320)
_ELEMENTOR = "https://developers.elementor.com/docs/form-actions/"

BODIES: tuple[Body, ...] = (
    Body(
        "webflow",
        "webflow_form.json",
        "https://developers.webflow.com/data/reference/webhooks/events/form-submission",
        (_NORA._replace(employees=201, event=_FORM_AT_TEN),),
    ),
    Body(
        "webflow",
        "webflow_ecommerce.json",
        "https://developers.webflow.com/data/reference/webhooks/events/ecomm-new-order",
        ("other than a form",),
    ),
    Body(
        "jotform",
        "jotform_webhook.multipart",
        "https://www.jotform.com/help/how-to-setup-a-webhook-with-jotform/",
        (_NORA._replace(event="form_submission"),),
    ),
    Body(
        "unbounce",
        "unbounce_webhook.txt",
        "https://documentation.unbounce.com/hc/en-us/articles/203510044-Using-a-Webhook",
        (_NORA._replace(event="form_submission@2026-11-10T00:00"),),
    ),
    Body("plain", "elementor_advanced.txt", _ELEMENTOR, (_NORA._replace(employees=201),)),
    Body("plain", "elementor_fields.txt", _ELEMENTOR, (_NORA,)),
    Body("plain", "elementor_simple.txt", _ELEMENTOR, (_NORA._replace(employees=201),)),
    Body(
        "hubspot_workflow",
        "hubspot_workflow_v1.json",
        f"{_HUBSPOT}/methods/workflows/webhook_information",
        (Lead("Kai Ito", "kai@proseware.example", "Proseware", 500, "form_submission@2025-11-10T11:00"),),
    ),
    Body(
        "hubspot_workflow",
        "hubspot_workflow_v3.json",
        f"{_HUBSPOT}/api-reference/crm-contacts-v3/guide",
        (Lead("Kai Ito", "kai@proseware.example", "Proseware", 620, "demo_request@2025-11-10T11:00"),),
    ),
    Body(
        "hubspot_workflow",
        "hubspot_workflow_chosen.json",
        "https://knowledge.hubspot.com/workflows/how-do-i-use-webhooks-with-hubspot-workflows",
        (Lead("Kai Ito", "kai@proseware.example", "Proseware", 620),),
    ),
    Body(
        "hubspot_webhook",
        "hubspot_webhook_creation.json",
        f"{_HUBSPOT}/api-reference/webhooks-webhooks-v3/guide",
        ("preset hubspot_workflow",),
    ),
    Body(
        "hubspot_webhook",
        "hubspot_webhook_change.json",
        f"{_HUBSPOT}/api-reference/webhooks-webhooks-v3/guide",
        ("sends only an id",),
    ),
    Body(
        "salesforce_flow",
        "salesforce_flow.json",
        f"{_SALESFORCE}/atlas.en-us.api_rest.meta/api_rest/resources_sobject_retrieve_get.htm",
        (_OLA,),
    ),
    Body(
        "salesforce_flow",
        "salesforce_flow_contacts.json",
        f"{_SALESFORCE}/atlas.en-us.api_rest.meta/api_rest/resources_query.htm",
        (Lead("Pia Holm", "pia@tailspin.example", "Tailspin AS", 1250), Lead("Nobody", None)),
    ),
    Body(
        "salesforce_outbound",
        "salesforce_outbound_one.xml",
        f"{_SALESFORCE}/platform/api/guide/sforce-api-om-outboundmessaging-wsdl.html",
        (_OLA,),
    ),
    Body(
        "salesforce_outbound",
        "salesforce_outbound_two.xml",
        f"{_SALESFORCE}/platform/api/guide/sforce-api-om-outboundmessaging-wsdl.html",
        (_OLA, Lead("Holm", "pia@tailspin.example", "Tailspin AS")),
    ),
    Body(
        "salesforce_outbound",
        "salesforce_outbound_nobody.xml",
        f"{_SALESFORCE}/platform/api/guide/sforce-api-om-outboundmessaging-wsdl.html",
        ("give an e-mail address or a phone number or a name",),
    ),
    Body(
        "marketo_webhook",
        "marketo_webhook.json",
        _MARKETO,
        (Lead("Mia Berg", "mia@fabrikam.example", "Fabrikam", 250, "webinar@2026-11-10T09:00"),),
    ),
    Body(
        "marketo_webhook",
        "marketo_webhook.txt",
        _MARKETO,
        (Lead("Mia Berg", "mia@fabrikam.example", "Fabrikam", 250, "webinar"),),
    ),
    Body("pipedrive", "pipedrive_v2_person.json", f"{_PIPEDRIVE}-v2", (_ZOE,)),
    Body("pipedrive", "pipedrive_v1_person.json", _PIPEDRIVE, (_ZOE._replace(company="Blue Yonder"),)),
    Body("pipedrive", "pipedrive_v2_deal.json", f"{_PIPEDRIVE}-v2", ("Subscribe to persons",)),
    Body("pipedrive", "pipedrive_v2_deleted.json", f"{_PIPEDRIVE}-v2", ("sent a deletion",)),
    Body(
        "typeform",
        "typeform_response.json",
        _TYPEFORM,
        (Lead("Ada Lind", "ada@fabrikam.example", "Fabrikam", 51, _FORM_AT_TEN),),
    ),
    Body("typeform", "typeform_test.json", _TYPEFORM, ("test lead of Typeform",), test=True),
    Body(
        "calendly",
        "calendly_created.json",
        _CALENDLY,
        (Lead("Ada Lind", "ada@fabrikam.example", "Fabrikam", 120, "meeting_booked@2026-11-10T10:00"),),
    ),
    Body(
        "calendly",
        "calendly_canceled.json",
        _CALENDLY,
        (Lead("Ada Lind", "ada@fabrikam.example", "Fabrikam", 120, "meeting_canceled@2026-11-10T12:00"),),
    ),
    Body(
        "segment",
        "segment_identify.json",
        f"{_SEGMENT}/identify",
        (Lead("Peter Gibbon", "peter@initech.example", "Initech", 329),),
    ),
    Body(
        "segment",
        "segment_track.json",
        f"{_SEGMENT}/track",
        (Lead("Peter Gibbon", "peter@initech.example", "Initech", 329, "demo_request@2026-11-10T10:00"),),
    ),
    Body("segment", "segment_page.json", f"{_SEGMENT}/page", ("give an e-mail address",)),
    Body("meta_leadgen", "meta_notification.json", _META, ("sends only a lead's id",)),
    Body("meta_leadgen", "meta_sample.json", _META, ("test lead of Meta",), test=True),
    Body(
        "meta_leadgen",
        "meta_lead.json",
        _META_LEAD,
        (Lead("Amara Okafor", "amara@northwind.example", "Northwind", 201, _FORM_AT_TEN),),
    ),
    Body("meta_leadgen", "meta_test_lead.json", _META_LEAD, ("test lead of Meta",), test=True),
    Body("linkedin_leadgen", "linkedin_notification.json", _LINKEDIN, ("sends only a lead's id",)),
    Body(
        "linkedin_leadgen",
        "linkedin_response.json",
        _LINKEDIN,
        (Lead("", "ivo@wingtip.example", None, None, "form_submission@2025-11-10T11:00"),),
    ),
    Body(
        "linkedin_leadgen",
        "linkedin_response_with_form.json",
        _LINKEDIN,
        (
            Lead(
                "Ivo Novak",
                "ivo@wingtip.example",
                "Wingtip Toys",
                1001,
                "form_submission@2025-11-10T11:00",
            ),
        ),
    ),
    Body("linkedin_leadgen", "linkedin_test.json", _LINKEDIN, ("test lead of LinkedIn",), test=True),
    Body(
        "google_ads_lead_form",
        "google_lead.json",
        _GOOGLE,
        (Lead("Jonas Lind", "jonas@fabrikam.example", "Fabrikam", 51, "form_submission"),),
    ),
    Body("google_ads_lead_form", "google_test.json", _GOOGLE, ("test lead of Google",), test=True),
    Body(
        "zapier",
        "zapier.json",
        _ZAPIER,
        (Lead("Eva Mala", "eva@wingtip.example", "Wingtip", 10001, "demo_request@2026-11-10T10:00"),),
    ),
    Body(
        "zapier",
        "zapier.txt",
        _ZAPIER,
        (Lead("Eva Mala", "eva@wingtip.example", "Wingtip", 12000, "demo_request"),),
    ),
    Body(
        "plain",
        "plain.json",
        "README.md",
        (Lead("Jane Doe", "jane@acme.example", "ACME Corp.", 1, "demo_request@2026-11-10T10:00"),),
    ),
)


class File(NamedTuple):
    """An export in tests/bot/leadform/data, whose first row comes to this."""

    file: str
    documented: str
    comes_to: Lead


FILES: tuple[File, ...] = (
    File(
        "01_facebook_lead_ads_utf16.csv",
        "https://www.facebook.com/business/help/1526849577619206",
        Lead("Amara Okafor", "amara@northwind.example", "Northwind", 201, "form_submission@2026-11-16T13:21"),
    ),
    File(
        "02_google_ads_lead_form.csv",
        "https://support.google.com/google-ads/answer/9423234",
        Lead("Jonas Lind", "jonas@fabrikam.example", "Fabrikam", None, "form_submission@2026-11-16T12:00"),
    ),
    File(
        "03_salesforce_lead_report.csv",
        "https://help.salesforce.com/s/articleView?id=sf.reports_export.htm",
        _OLA,
    ),
    File(
        "04_hubspot_contacts.csv",
        "https://knowledge.hubspot.com/import-and-export/export-records",
        Lead("Kai Ito", "kai@proseware.example", "Proseware", 501),
    ),
    File(
        "06_linkedin_lead_gen.csv",
        "https://www.linkedin.com/help/lms/answer/a422546",
        Lead("Ivo Novak", "ivo@wingtip.example", "Wingtip", 1001, "form_submission@2026-11-16T14:02"),
    ),
    File(
        "07_apollo.csv",
        "https://knowledge.apollo.io/hc/en-us/articles/4409237712141",
        Lead("Zoe Hart", "zoe@blueyonder.example", "Blue Yonder Inc", 1200),
    ),
    File(
        "09_zoom_webinar_attendees.csv",
        "https://support.zoom.com/hc/en/article?id=zm_kb&sysparm_article=KB0064760",
        Lead("Ray Finn", "ray@vanarsdel.example", "Van Arsdel", 1001, "webinar_attended"),
    ),
    File(
        "23_hubspot_french.csv",
        "https://knowledge.hubspot.com/fr/import-and-export/export-records",
        Lead("Zoé Blanc", "zoe@entreprise.example", "Entreprise SA", 1250),
    ),
)
