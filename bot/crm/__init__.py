"""The CRM: told what happens here like any other destination, and asked what happened there."""
