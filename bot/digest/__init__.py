"""The alignment report: its periods, its figures and its agenda. No Block Kit."""
