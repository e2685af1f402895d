"""The commands of the command line, one file a command; app.py only hands over to them."""
