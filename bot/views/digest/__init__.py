"""The alignment report in Block Kit: the message, its thread, its charts and its forms."""
