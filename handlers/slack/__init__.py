"""What comes in from Slack: one file a feature, and what they share."""
