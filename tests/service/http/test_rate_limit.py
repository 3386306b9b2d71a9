"""The limit to the requests of one client."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.service.app import create_app
from comity.service.http.middleware.rate_limit import client_of
from comity.service.http.middleware.token_bucket import Buckets
from comity.service.settings import Rate, Settings


@pytest.fixture
def limited(store: EmbeddedStore) -> TestClient:
    settings = Settings(store="memory", bundled=False, rate=Rate(3, 3600))
    return TestClient(create_app(store, settings))


def test_beyond_the_limit_is_a_429_that_says_when_to_come_again(limited: TestClient) -> None:
    assert [limited.get("/version").status_code for _ in range(4)] == [200, 200, 200, 429]
    response = limited.get("/version")
    assert response.headers["content-type"] == "application/problem+json"
    assert 1100 < int(response.headers["retry-after"]) <= 1200
    assert "3 an hour" in response.json()["detail"]
    assert response.headers["x-request-id"]
    assert "<h1>Too many requests</h1>" in limited.get("/", headers={"Accept": "text/html"}).text


def test_a_page_of_another_site_may_read_the_refusal(store: EmbeddedStore) -> None:
    settings = Settings(store="memory", bundled=False, rate=Rate(1, 3600), cors=("*",))
    client = TestClient(create_app(store, settings), headers={"Origin": "https://a.example"})
    client.get("/version")
    response = client.get("/version")
    assert response.status_code == 429
    assert response.headers["access-control-allow-origin"] == "*"
    assert "Retry-After" in response.headers["access-control-expose-headers"]


def test_monitors_and_style_sheets_are_free(limited: TestClient) -> None:
    for _ in range(5):
        for path in ("/health", "/health/ready", "/metrics", "/static/style.css"):
            assert limited.get(path).status_code == 200
    assert limited.get("/version").status_code == 200


def test_refusals_are_counted(limited: TestClient) -> None:
    for _ in range(5):
        limited.get("/version")
    text = limited.get("/metrics").text
    assert "comity_rate_limited_total 2.0" in text
    assert 'comity_requests_total{method="GET",route="/version",status="429"} 2.0' in text


def test_off_by_default(client: TestClient) -> None:
    assert {client.get("/health").status_code for _ in range(50)} == {200}
    assert Settings().rate is None


@pytest.mark.parametrize(
    ("text", "rate"),
    [("100/min", Rate(100, 60)), (" 5/s ", Rate(5, 1)), ("1000/h", Rate(1000, 3600))],
)
def test_reading_a_rate(text: str, rate: Rate) -> None:
    assert Rate.parse(text) == rate


@pytest.mark.parametrize(
    "text", ["", "100", "0/min", "-1/s", "1.5/s", "5/day", "x/min", "\u0665/s"]
)
def test_what_is_no_rate(text: str) -> None:
    with pytest.raises(ValueError, match="100/min"):
        Rate.parse(text)


@given(
    limit=st.integers(1, 20),
    seconds=st.sampled_from([1, 60, 3600]),
    steps=st.lists(st.tuples(st.floats(0, 100), st.sampled_from("ab")), max_size=200),
)
def test_no_client_gets_more_than_its_rate(
    limit: int, seconds: int, steps: list[tuple[float, str]]
) -> None:
    now = 0.0
    buckets = Buckets(Rate(limit, seconds), lambda: now)
    taken: dict[str, list[float]] = {"a": [], "b": []}
    for step, client in steps:
        now += step
        wait = buckets.take(client)
        assert 0 <= wait <= seconds / limit + 1e-6
        if not wait:
            taken[client].append(now)
    for times in taken.values():
        for i, first in enumerate(times):
            for j, last in enumerate(times[i:], start=1):
                assert j <= limit + (last - first) * limit / seconds + 1e-6


@given(limit=st.integers(1, 20), seconds=st.sampled_from([1, 60, 3600]))
def test_who_waits_as_long_as_told_is_served(limit: int, seconds: int) -> None:
    now = 0.0
    buckets = Buckets(Rate(limit, seconds), lambda: now)
    for _ in range(3 * limit):
        now += buckets.take("a") * 1.000001
        wait = buckets.take("a")
        assert wait == 0 or now == 0


def test_what_is_full_again_is_forgotten() -> None:
    now = 0.0
    buckets = Buckets(Rate(5, 60), lambda: now)
    for number in range(1000):
        now += 1
        buckets.take(str(number))
    assert len(buckets) <= 61


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
        (None, ""),
    ],
)
def test_whose_request_it_is(host: str | None, client: str) -> None:
    scope: dict[str, Any] = {"client": (host, 1) if host else None}
    assert client_of(scope) == client
