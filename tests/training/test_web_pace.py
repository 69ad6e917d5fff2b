"""How fast a host is asked, and how long to wait before another attempt."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.web.pace import BURST, Pace
from training.web.retry import LONGEST_SECONDS, backoff_seconds, retry_after_seconds


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_few_requests_go_at_once_then_one_after_another() -> None:
    """A burst, and from then on the rate that was asked for."""
    pace = Pace(2.0, Clock())
    waits = [pace.reserve("blog.example") for _ in range(BURST + 3)]
    assert waits == [0.0] * BURST + [0.5, 1.0, 1.5]


def test_hosts_do_not_wait_for_each_other() -> None:
    """The rate is each host's own."""
    pace = Pace(1.0, Clock())
    for _ in range(BURST + 5):
        pace.reserve("one.example")
    assert pace.reserve("two.example") == 0.0


def test_rest_fills_the_bucket_again() -> None:
    """After a while without requests there is a burst once more, and no larger one."""
    clock = Clock()
    pace = Pace(1.0, clock)
    for _ in range(BURST):
        pace.reserve("blog.example")
    clock.now += 3600
    assert [pace.reserve("blog.example") for _ in range(BURST + 1)] == [0.0] * BURST + [1.0]


def test_a_host_that_wants_rest_gets_it() -> None:
    """No request before the pause is over, whatever the bucket holds."""
    clock = Clock()
    pace = Pace(10.0, clock)
    pace.pause("blog.example", 7.0)
    assert pace.reserve("blog.example") == 7.0
    clock.now += 7
    assert pace.reserve("blog.example") == 0.0


def test_a_crawl_delay_is_kept_between_any_two_requests() -> None:
    """No burst then; a shorter delay than the rate's changes nothing."""
    pace = Pace(1.0, Clock())
    pace.slow_down("blog.example", 0.1)
    pace.slow_down("blog.example", 5.0)
    assert [pace.reserve("blog.example") for _ in range(3)] == [0.0, 5.0, 10.0]


@settings(deadline=None)
@given(st.lists(st.floats(0, 5), min_size=1, max_size=60), st.floats(0.1, 50))
def test_no_second_sees_more_than_burst_and_rate(gaps: list[float], per_second: float) -> None:
    """However requests come, any stretch of t seconds holds at most burst + rate × t."""
    clock = Clock()
    pace = Pace(per_second, clock)
    sent = []
    for gap in gaps:
        clock.now += gap
        sent.append(clock.now + pace.reserve("blog.example"))
    assert sent == sorted(sent)
    for first in range(len(sent)):
        for last in range(first, len(sent)):
            allowed = BURST + per_second * (sent[last] - sent[first])
            assert last - first + 1 <= allowed + 1e-6


def test_waits_double_up_to_a_limit() -> None:
    """Each attempt waits between half of its limit and the whole."""
    for attempt, whole in ((1, 1.0), (2, 2.0), (3, 4.0), (20, LONGEST_SECONDS)):
        assert all(whole / 2 <= backoff_seconds(attempt) <= whole for _ in range(50))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": " 1.5 "}, 1.5),
        (
            {
                "retry-after": "Wed, 21 Oct 2026 07:28:30 GMT",
                "date": "Wed, 21 Oct 2026 07:28:00 GMT",
            },
            30.0,
        ),
        (
            {
                "retry-after": "Wed, 21 Oct 2026 07:27:00 GMT",
                "date": "Wed, 21 Oct 2026 07:28:00 GMT",
            },
            0.0,
        ),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "١٢"}, None),
        ({}, None),
    ],
)
def test_a_server_says_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    """In seconds or as a date, counted from the answer's own date."""
    assert retry_after_seconds(headers) == seconds
