"""Whether a request is tried again, and how long to wait before."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from assistant.errors import HubFailed, HubUnintelligible, HubUnreachable, NetworkError, ProxyUnusable

PATIENCE = 5
"""Failures in a row of a kind that waiting seldom mends: a login page, a proxy, a refusal. Others are waited out."""
LONGEST_S = 30.0
LONGEST_ASKED_S = 600.0
"""More than this is not waited for a server that asks for it."""
JITTER = 0.25

_TEMPORARY = {408, 425, 429}
_RATE_LIMIT = re.compile(r"(?:^|;)\s*([rt])\s*=\s*(\d+)")


def backoff(attempt: int) -> float:
    """Return the seconds before the try that follows the ``attempt``-th failure: 1, 2, 4 … 30, a quarter up or down.

    The chance in it keeps many clients of one server from coming back in step.
    """
    base = min(LONGEST_S, 2.0 ** min(attempt - 1, 10))
    return base * random.uniform(1 - JITTER, 1 + JITTER)


def wait_after(problem: NetworkError, failures: int, waits: Callable[[int], float] = backoff) -> float:
    """Return the seconds before the try that follows so many ``failures`` in a row, the last one with ``problem``.

    ``waits`` gives those of our own; a server that asks for more gets it. Raises ``problem`` when waiting is of no use.
    """
    if failures >= _tries(problem):
        raise problem
    asked = problem.values.get("wait_s", 0.0)
    return max(waits(failures), asked if isinstance(asked, float) else 0.0)


def asked_wait(headers: Mapping[str, str]) -> float:
    """Return the seconds that a server asks to wait by ``Retry-After`` or ``RateLimit``, 0 when it does not."""
    asked = max(_retry_after(headers.get("retry-after", "")), _rate_limit(headers.get("ratelimit", "")))
    return min(max(asked, 0.0), LONGEST_ASKED_S)


def _retry_after(text: str) -> float:
    if text.strip().isdecimal():
        return float(text)
    from email.utils import parsedate_to_datetime

    try:
        return (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return 0.0


def _rate_limit(text: str) -> float:
    """Read ``"api";r=0;t=55``: nothing remains, and again in 55 seconds."""
    said = {name: float(value) for name, value in _RATE_LIMIT.findall(text)}
    return said.get("t", 0.0) if said.get("r") == 0 else 0.0


def _tries(problem: NetworkError) -> float:
    """Return how often in a row it may happen before it is final."""
    if isinstance(problem, HubUnreachable):
        return float("inf")
    if isinstance(problem, HubFailed):
        status = problem.values.get("status")
        is_temporary = isinstance(status, int) and (status >= 500 or status in _TEMPORARY)
        return float("inf") if is_temporary else PATIENCE
    return PATIENCE if isinstance(problem, HubUnintelligible | ProxyUnusable) else 1
