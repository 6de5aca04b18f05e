"""How long is waited before the next try."""

from __future__ import annotations

import pytest

from assistant.models.patience import LONGEST_ASKED_S, asked_wait, backoff


def test_how_long_is_waited():
    for attempt, base in enumerate((1, 2, 4, 8, 16, 30, 30), start=1):
        assert 0.75 * base <= backoff(attempt) <= 1.25 * base
    assert backoff(10_000) <= 37.5
    assert len({backoff(1) for _try in range(5)}) > 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"retry-after": "12"}, 12),
        ({"retry-after": "-1"}, 0),
        ({"retry-after": "soon"}, 0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00"}, 0),
        ({"retry-after": "Fri, 21 Oct 2095 07:28:00 GMT"}, LONGEST_ASKED_S),
        ({"retry-after": "9" * 400}, LONGEST_ASKED_S),
        ({"ratelimit": '"api";r=0;t=55'}, 55),
        ({"ratelimit": '"api";r=3;t=55'}, 0),
        ({"ratelimit": '"api"; r=0; t=55', "retry-after": "60"}, 60),
        ({"ratelimit": "nonsense"}, 0),
    ],
)
def test_what_a_server_asks_for_is_understood(headers, seconds):
    assert asked_wait(headers) == seconds
