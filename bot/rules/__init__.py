"""How Baton judges: pure rules over what is stored and what came; no database, no Slack."""
