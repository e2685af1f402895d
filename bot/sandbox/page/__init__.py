"""The page of the sandbox: what it is served, what it may do, and what streams to it."""
