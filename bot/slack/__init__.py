"""Slack as Baton reaches it: the client and its health, its errors sorted, who its people are."""
