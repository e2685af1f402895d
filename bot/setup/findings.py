"""What `check` says of one thing that it looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what, whether it is well, and what to do if it is not.

    `warns`: nothing is broken, and somebody should know all the same.
    """

    what: str
    ok: bool
    says: str
    warns: bool = False

    @classmethod
    def well(cls, what: str, says: str) -> Finding:
        """It is as it should be."""
        return cls(what, True, says)

    @classmethod
    def fault(cls, what: str, says: str) -> Finding:
        """It is not, and `says` tells what to do."""
        return cls(what, False, says)

    @classmethod
    def warning(cls, what: str, says: str) -> Finding:
        """Nothing is broken, and somebody should know all the same."""
        return cls(what, True, says, warns=True)
