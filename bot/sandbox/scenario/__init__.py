"""Slack in sentences: what people of the sandbox click, type and read, for tests."""
