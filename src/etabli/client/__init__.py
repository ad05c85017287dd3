"""The client: a hub elsewhere, asked from Python and from a shell.

Owns: the connection to a hub, what it answers as plain dataclasses, the logins that are kept.
May use: the foundation's errors and sentences, and httpx; nothing that a server needs.

    from etabli.client import Hub

    with Hub("https://hub.example", token="hf_…") as hub:
        print(hub.ask("alice/helpdesk", "my card has not arrived").reply)
"""

from etabli.client.addresses import BadHubAddressError, hub_address, is_exposed
from etabli.client.connection import CutShortError, HubError, HubMovedError, HubUnreachableError
from etabli.client.hub import Hub, Options, Source
from etabli.client.logins import Login, Logins
from etabli.client.results import (
    Account,
    Answer,
    Compared,
    Comparison,
    Elsewhere,
    Energy,
    Finding,
    Label,
    ListedRun,
    Place,
    Plan,
    Run,
    Sorted,
)

__all__ = [
    "Account",
    "Answer",
    "BadHubAddressError",
    "Compared",
    "Comparison",
    "CutShortError",
    "Elsewhere",
    "Energy",
    "Finding",
    "Hub",
    "HubError",
    "HubMovedError",
    "HubUnreachableError",
    "Label",
    "ListedRun",
    "Login",
    "Logins",
    "Options",
    "Place",
    "Plan",
    "Run",
    "Sorted",
    "Source",
    "hub_address",
    "is_exposed",
]
