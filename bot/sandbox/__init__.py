"""A local stand-in for Slack, for the demo and the tests. The running bot never imports it.

`Sandbox` is the whole of it: a server on the loopback address that Slack's own SDK and Bolt talk to.
"""

from __future__ import annotations

from bot.sandbox.faults import FaultKind
from bot.sandbox.model import Channel, Command, JsonDict, Message, Person, UserGroup, View
from bot.sandbox.sample import sample_workspace
from bot.sandbox.server import Sandbox
from bot.sandbox.state import Workspace

__all__ = [
    "Channel",
    "Command",
    "FaultKind",
    "JsonDict",
    "Message",
    "Person",
    "Sandbox",
    "UserGroup",
    "View",
    "Workspace",
    "sample_workspace",
]
