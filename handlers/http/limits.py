"""How often one caller may come: so many calls a second, and as many again at once after a pause.

Small on purpose, and the same for every door: a door chooses a key and asks.
"""

from __future__ import annotations

from collections import OrderedDict
from ipaddress import IPv6Address, ip_address

_MOST_KEYS = 10_000  # of more the one that was away for longest is forgotten, which does it no harm


class Pace:
    """A bucket of calls for each key, refilled steadily: `burst` at once, `per_second` from then on."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second, self._burst = per_second, float(burst)
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str, now: float) -> float:
        """Seconds until the key may come, 0 for now, which counts as a call. `now` in seconds, steady."""
        left, at = self._left.pop(key, (self._burst, now))
        left = min(self._burst, left + max(0.0, now - at) * self._per_second)
        ahead = left >= 1
        self._left[key] = (left - 1 if ahead else left, now)
        if len(self._left) > _MOST_KEYS:
            self._left.popitem(last=False)
        return 0.0 if ahead else (1 - left) / self._per_second


def network_of(address: str) -> str:
    """An address as far as one person has it: of IPv6 the first 64 bits. What is no address stays."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(IPv6Address(int(found) >> 64 << 64)) if isinstance(found, IPv6Address) else str(found)
