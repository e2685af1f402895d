"""The commands of the command line, one file a command; commands.py declares them, app.py those that run a bot."""
