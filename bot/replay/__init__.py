"""What would have been: a past period run again under another agreement, beside the bot.

Everything that came and everything that people did is read once from the history; what Baton decides about it
is decided again, by the rules that the bot itself goes by. Nothing goes to Slack, and nothing is written but
the forecast that a check of an agreement keeps (forecast.py).
"""
