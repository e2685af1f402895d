"""What is done before the bot runs: checks, the first two files, the manifest."""
