"""The stand-in itself: Slack's Web API, its two transports, its limits and its faults."""
