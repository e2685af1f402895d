"""What Baton remembers: tables, transactions and queries. Knows nothing of Slack or of rules."""
