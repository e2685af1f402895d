"""What comes in: Slack listeners and HTTP routes. They parse, call bot/ and answer; no rules, no SQL."""
