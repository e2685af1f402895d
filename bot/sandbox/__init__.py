"""A local stand-in for Slack, for the demo and the tests. The running bot never imports it.

`Sandbox` is the whole of it: a server on the loopback address that Slack's own SDK and Bolt talk to.
"""

from __future__ import annotations

from bot.sandbox.slack.faults import FaultKind
from bot.sandbox.slack.model import Channel, Command, JsonDict, Message, Person, UserGroup, View
from bot.sandbox.slack.sample import sample_workspace
from bot.sandbox.slack.server import Sandbox
from bot.sandbox.slack.state import Workspace

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
