"""Pure rules: what Baton decides, as functions of what is stored and what came.

Nothing here reads a database, a clock or the network; whoever calls fetches, and carries out the verdict.
"""
