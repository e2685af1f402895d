"""The outbox in the database: what Slack must be made to show, claimed, paced and accounted for."""
