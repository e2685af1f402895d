"""What a lead looks like at the door: its fields, the names they go by, and the keys that tell leads apart.

Reading never touches a database or the network; who the lead is and what becomes of it is decided elsewhere.
"""

from bot.leadform.activities import read_activity
from bot.leadform.aliases import IDENTIFYING, field_of
from bot.leadform.faults import FieldFault, LeadFaults
from bot.leadform.fields import LEAD_FIELDS
from bot.leadform.keys import company_domain, company_key, email_domain, email_key, full_name, host_of
from bot.leadform.model import (
    ActivityForm,
    LeadForm,
    is_touch,
    to_columns,
)
from bot.leadform.reading import read_lead
from bot.leadform.repeats import activity_key, record_digest
from bot.leadform.sources import source_and_origin
from bot.leadform.values import CRM_STAGES

__all__ = [
    "CRM_STAGES",
    "IDENTIFYING",
    "LEAD_FIELDS",
    "ActivityForm",
    "FieldFault",
    "LeadFaults",
    "LeadForm",
    "activity_key",
    "company_domain",
    "company_key",
    "email_domain",
    "email_key",
    "field_of",
    "full_name",
    "host_of",
    "is_touch",
    "read_activity",
    "read_lead",
    "record_digest",
    "source_and_origin",
    "to_columns",
]
