"""When to ask again: exponential backoff with jitter, and what `Retry-After` states."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from prognomics.errors import UsageError

AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
ATTEMPTS_VARIABLE = "PROGNOMICS_RETRIES"
WAIT_VARIABLE = "PROGNOMICS_RETRY_SECONDS"
SILENCE_VARIABLE = "PROGNOMICS_TIMEOUT_SECONDS"


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how long.

    Attributes
    ----------
    attempts : int
        Tries in a row that bring nothing new; a try that adds to the file begins the count again.
    first_seconds, longest_seconds : float
        The first wait, doubled at each further one, and the longest.
    longest_asked_seconds : float
        The longest `Retry-After` that is waited for.
    connect_seconds, read_seconds : float
        Timeouts of a connection, and of a silence.
    slowest_bytes_per_second : float
        A transfer that stays below it over `read_seconds` is broken off.
    """

    attempts: int = 5
    first_seconds: float = 0.5
    longest_seconds: float = 30.0
    longest_asked_seconds: float = 120.0
    connect_seconds: float = 15.0
    read_seconds: float = 60.0
    slowest_bytes_per_second: float = 200.0
    total_attempts: int = 200

    @classmethod
    def from_environment(cls) -> RetryPolicy:
        """Attempts, first wait and longest silence as the environment states (`PROGNOMICS_RETRIES` and others).

        Raises
        ------
        UsageError
            One of them is not a number.
        """
        try:
            attempts = int(os.environ.get(ATTEMPTS_VARIABLE) or cls.attempts)
            first = float(os.environ.get(WAIT_VARIABLE) or cls.first_seconds)
            silence = float(os.environ.get(SILENCE_VARIABLE) or cls.read_seconds)
            if not (attempts >= 1 and 0 <= first < 3600 and 0 < silence < 86400):
                raise ValueError
        except ValueError:
            names = f"{ATTEMPTS_VARIABLE}, {WAIT_VARIABLE} and {SILENCE_VARIABLE}"
            raise UsageError(f"{names} are positive numbers") from None
        return cls(attempts=attempts, first_seconds=first, read_seconds=silence)

    def wait_seconds(self, failures: int, asked_seconds: float | None) -> float:
        """How long to wait after so many failures in a row; never less than the server requested."""
        if asked_seconds is not None:
            return asked_seconds
        longest = min(self.longest_seconds, self.first_seconds * 2 ** (failures - 1))
        result: float = longest * (0.5 + random.random() / 2)  # spread, so that many clients do not come back at once
        return result


def asked_seconds(header: str | None, now: datetime | None = None) -> float | None:
    """Seconds of a `Retry-After`, which is a number or a date; None where it is neither."""
    if not header:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        until = parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - (now or datetime.now(UTC))).total_seconds())
