"""The HTTP API: leads in, their history out, health and metrics. api.py is its table of contents."""
