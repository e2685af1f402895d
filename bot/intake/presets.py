"""What each tool is known to send, as a table: how it proves itself, where in its body the lead stands.

The paths are JMESPath with the functions of functions.py. How they are carried out is mapping.py's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.agreement.vocabulary import Preset

DONE, BAD = 200, 422
"""How a refusal is answered: done with, because sending it again would change nothing; or as a fault."""


@dataclass(frozen=True, slots=True)
class Turned:
    """Bodies that hold no lead, known by a path that finds something: why, and how that is answered.

    `status` is 200 where the tool would else send the same again for hours, or switch its webhook off.
    """

    when: str
    why: str
    status: int = DONE


@dataclass(frozen=True, slots=True)
class Known:
    """One tool. `records` finds the leads of a body, `rest` what of one is kept under the sender's own names
    and read by them, `fields` what is read from elsewhere. `tests` finds something in a test lead.

    `auth` is how a source is checked that does not say, `acks` that the tool wants an answer in XML.
    """

    title: str
    auth: str = "bearer"
    records: str = "@"
    rest: str = "@"
    fields: Mapping[str, str] = field(default_factory=dict)
    tests: str = ""
    turned: tuple[Turned, ...] = ()
    acks: bool = False


_NO_CRM = "Baton has no connection to read it by"

_HUBSPOT_FIELDS = {
    "external_id": 'vid || "canonical-vid" || objectId || id || properties.hs_object_id.value'
    " || properties.hs_object_id",
    "company": 'unwrapped(properties).company || unwrapped("associated-company".properties).name',
    "domain": 'unwrapped(properties).website || unwrapped("associated-company".properties).domain',
    "employees": "unwrapped(properties).numemployees"
    ' || unwrapped("associated-company".properties).numberofemployees',
    "activities": "\"form-submissions\"[].{type: 'form_submission', at: timestamp, detail: title}",
}

_PRESETS_OF_CRMS = {
    Preset.HUBSPOT_WORKFLOW: Known(
        title="HubSpot workflow",
        auth="hubspot_v3",
        rest='merged(scalars(@), unwrapped("associated-company".properties), unwrapped(properties))',
        fields=_HUBSPOT_FIELDS,
    ),
    Preset.HUBSPOT_WEBHOOK: Known(
        title="HubSpot webhook",
        auth="hubspot_v3",
        rest="merged(scalars(@), unwrapped(properties))",
        fields=_HUBSPOT_FIELDS,
        turned=(
            Turned(
                "subscriptionType && !properties",
                f"HubSpot's webhook sends only an id, and {_NO_CRM}. Set up [crm] for HubSpot, or send the "
                "contact by a workflow with “Send a webhook”, preset hubspot_workflow.",
            ),
        ),
    ),
    Preset.SALESFORCE_FLOW: Known(
        title="Salesforce flow",
        records="records || @",
        rest="scalars(@)",
        fields={
            "external_id": "Id || id",
            "company": "Company || Account.Name",
            "employees": "NumberOfEmployees || Account.NumberOfEmployees",
            "industry": "Industry || Account.Industry",
            "owner": "Owner.Email || Owner.Name",
            "activities": "activities",
        },
    ),
    Preset.SALESFORCE_OUTBOUND: Known(
        title="Salesforce outbound message",
        auth="query:key",
        records="to_array(Envelope.Body.notifications.Notification)[].sObject || @",
        rest="scalars(@)",
        fields={"external_id": "Id", "company": "Company", "employees": "NumberOfEmployees"},
        turned=(
            Turned("Envelope", "The message holds no notification. Send an outbound message of a lead.", BAD),
        ),
        acks=True,
    ),
    Preset.MARKETO_WEBHOOK: Known(title="Marketo webhook", records="lead || leads || @"),
    Preset.PIPEDRIVE: Known(
        title="Pipedrive",
        auth="basic",
        rest="merged(scalars(data), scalars(current))",
        fields={
            "external_id": "data.id || current.id",
            "name": "data.name || current.name",
            "email": "((data.emails || current.email)[?primary].value | [0])"
            " || (data.emails || current.email)[0].value",
            "phone": "((data.phones || current.phone)[?primary].value | [0])"
            " || (data.phones || current.phone)[0].value",
            "company": "data.org_name || current.org_name || data.organization.name",
            "title": "data.job_title || current.job_title",
            "owner": "data.owner_name || current.owner_name",
            "country": "data.postal_address.country || current.postal_address_country",
        },
        turned=(
            Turned(
                "contains(['delete', 'deleted'], meta.action)",
                "Pipedrive sent a deletion, which is not a lead. Subscribe to created and changed persons.",
            ),
            Turned(
                "(meta.entity || meta.object) && (meta.entity || meta.object) != 'person'",
                f"This Pipedrive webhook sends only the person's id, and {_NO_CRM}. "
                "Subscribe to persons: event object person, actions create and change.",
            ),
        ),
    ),
}

_PRESETS_OF_FORMS = {
    Preset.TYPEFORM: Known(
        title="Typeform",
        auth="hmac_sha256_base64:Typeform-Signature",
        rest="merged(scalars(form_response.hidden),"
        " answered(form_response.answers, form_response.definition.fields))",
        fields={
            "external_id": "event_id",
            "email": "form_response.answers[?type=='email'].email | [0]",
            "phone": "form_response.answers[?type=='phone_number'].phone_number | [0]",
            "activity": "form_response && 'form_submission'",
            "activity_at": "form_response.submitted_at",
            "activity_detail": "form_response.definition.title",
            "source": "form_response && 'Typeform'",
        },
        tests="form_response.answers[?email=='an_account@example.com']",
    ),
    Preset.CALENDLY: Known(
        title="Calendly",
        auth="calendly",
        rest="merged(scalars(payload.tracking), named(payload.questions_and_answers, 'answer', 'question'),"
        " payload.{Meeting: scheduled_event.start_time, Timezone: timezone})",
        fields={
            "email": "payload.email",
            "name": "payload.name",
            "first_name": "payload.first_name",
            "last_name": "payload.last_name",
            "phone": "payload.text_reminder_number",
            "activity": "event=='invitee.created' && 'meeting_booked'"
            " || event=='invitee.canceled' && 'meeting_canceled'"
            " || event=='invitee_no_show.created' && 'no_show'"
            " || event=='routing_form_submission.created' && 'form_submission' || `null`",
            "activity_at": "created_at",
            "activity_detail": "payload.scheduled_event.name",
            "source": "payload && 'Calendly'",
        },
    ),
    Preset.WEBFLOW: Known(
        title="Webflow",
        auth="webflow",
        rest="unpacked(payload.data || payload.formResponse || @)",
        fields={
            "external_id": "payload.id || payload._id",
            "activity": "payload && 'form_submission'",
            "activity_at": "payload.submittedAt || payload.d",
            "activity_detail": "payload.name",
            "source": "payload && 'Webflow'",
        },
        turned=(
            Turned(
                "triggerType && triggerType != 'form_submission'",
                "Webflow sent something other than a form. Set the webhook to “Form submission”.",
            ),
        ),
    ),
    Preset.JOTFORM: Known(
        title="Jotform",
        auth="query:key",
        rest="merged(scalars(@.{ip: ip}), numbered(of_json(rawRequest)))",
        fields={
            "external_id": "submissionID",
            "activity": "submissionID && 'form_submission'",
            "activity_detail": "formTitle",
            "source": "submissionID && 'Jotform'",
        },
    ),
    Preset.UNBOUNCE: Known(
        title="Unbounce",
        auth="query:key",
        rest='merged(scalars(@.{page_url: page_url, variant: variant}), of_json("data.json"))',
        fields={
            "activity": "\"data.json\" && 'form_submission'",
            "activity_at": 'of_json("data.json").date_submitted',
            "activity_detail": "page_name",
            "source": "\"data.json\" && 'Unbounce'",
        },
    ),
    Preset.SEGMENT: Known(
        title="Segment",
        auth="hmac_sha1:X-Signature",
        rest="merged(scalars(context.traits), scalars(properties), scalars(traits))",
        fields={
            "external_id": "userId",
            "email": "traits.email || context.traits.email || properties.email",
            "first_name": "traits.firstName || context.traits.firstName",
            "last_name": "traits.lastName || context.traits.lastName",
            "company": "traits.company.name || context.traits.company.name",
            "employees": "traits.company.employee_count || context.traits.company.employee_count",
            "industry": "traits.company.industry || context.traits.company.industry",
            "country": "traits.address.country || context.traits.address.country",
            "region": "traits.address.state || context.traits.address.state",
            "campaign": "context.campaign.name",
            "source": "context.campaign.source",
            "activity": "type=='track' && event || type=='page' && 'page_view' || `null`",
            "activity_at": "timestamp",
            "activity_detail": "type=='page' && (context.page.path || name) || `null`",
        },
    ),
}

_ONLY_AN_ID = "sends only a lead's id, and"

_PRESETS_OF_ADS = {
    Preset.META_LEADGEN: Known(
        title="Meta lead ads",
        auth="hmac_sha256:X-Hub-Signature-256",
        records="entry[].changes[].value || @",
        rest="merged(scalars(@), named(field_data, 'values', 'name'))",
        fields={
            "external_id": "leadgen_id || id",
            "campaign": "campaign_name",
            "activity": "(field_data || leadgen_id) && 'form_submission'",
            "activity_at": "created_time",
            "activity_detail": "form_name || ad_name",
            "source": "(field_data || leadgen_id) && 'Meta lead ads'",
        },
        tests="leadgen_id=='444444444444' || field_data[?contains(to_string(values), '<test lead:')]"
        " || field_data[?contains(to_string(values), 'test@fb.com')]",
        turned=(
            Turned(
                "leadgen_id && !field_data",
                f"Meta's webhook {_ONLY_AN_ID} {_NO_CRM}. Send the lead with its fields: in Zapier Facebook "
                "Lead Ads → New Lead, then Webhooks → POST to a source with preset zapier; or from the CRM "
                "that Meta fills.",
            ),
        ),
    ),
    Preset.LINKEDIN_LEADGEN: Known(
        title="LinkedIn lead gen forms",
        auth="linkedin",
        records="elements || @",
        rest="merged(scalars(@), named(joined(formResponse.answers, form.content.questions, 'questionId'),"
        " 'answerDetails.textQuestionAnswer.answer', 'predefinedField', 'question', 'name', 'questionId'))",
        fields={
            "external_id": "id",
            "email": "formResponse.answers[].answerDetails.textQuestionAnswer.answer"
            " | [?contains(@, '@')] | [0]",
            "campaign": "leadMetadata.sponsoredLeadMetadata.campaignName",
            "activity": "formResponse && 'form_submission'",
            "activity_at": "submittedAt",
            "source": "formResponse && 'LinkedIn lead gen'",
        },
        tests="testLead",
        turned=(
            Turned(
                "leadGenFormResponse && !formResponse",
                f"LinkedIn's webhook {_ONLY_AN_ID} {_NO_CRM}. Send the lead with its answers: in Zapier "
                "LinkedIn Lead Gen Forms → New Lead Gen Form Response, then Webhooks → POST to a source with "
                "preset zapier.",
            ),
            Turned("leadAction=='DELETED'", "LinkedIn sent a deletion, which is not a lead."),
        ),
    ),
    Preset.GOOGLE_ADS_LEAD_FORM: Known(
        title="Google Ads lead form",
        auth="body:google_key",
        rest="named(user_column_data, 'string_value', 'column_id', 'column_name')",
        fields={
            "external_id": "lead_id",
            "email": "(user_column_data[?column_id=='WORK_EMAIL'].string_value | [0])"
            " || (user_column_data[?column_id=='EMAIL'].string_value | [0])",
            "activity": "user_column_data && 'form_submission'",
            "activity_at": "lead_submit_time",
            "activity_detail": "form_id && join(' ', ['form', to_string(form_id)])",
            "source": "user_column_data && 'Google Ads'",
        },
        tests="is_test",
    ),
}

_PRESETS_OF_OTHERS = {
    Preset.ZAPIER: Known(title="Zapier"),
    Preset.PLAIN: Known(title="any tool", rest="unpacked(@)"),
}

PRESETS: Mapping[Preset, Known] = {
    **_PRESETS_OF_CRMS,
    **_PRESETS_OF_FORMS,
    **_PRESETS_OF_ADS,
    **_PRESETS_OF_OTHERS,
}
"""Every tool that is known by itself."""
