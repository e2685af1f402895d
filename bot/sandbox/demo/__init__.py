"""The demo: a small company in the sandbox, with a past and a present, and the whole bot at work in it.

The stand-in for Slack beside it knows nothing of the bot. The demo knows both, but not the wiring: it is
given the function that runs the bot.
"""
