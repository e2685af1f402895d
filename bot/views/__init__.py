"""Block Kit, pure: state in, blocks out. Nothing here looks anything up or talks to Slack."""
