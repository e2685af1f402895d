"""The commands of the command line, one file a command; commands.py says what each is called and takes."""
