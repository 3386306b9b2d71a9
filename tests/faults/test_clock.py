"""A clock that jumps by a day, forwards and back: no limit comes early or late, and nothing is lost."""

import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path

import pytest
from needs import need
from served import Service, until

SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
DAY = 24 * 3600


@pytest.mark.slow
def test_the_clock_jumps(tmp_path: Path) -> None:
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    need(library, "libfaketime (the package faketime)")
    clock = tmp_path / "clock"
    clock.write_text("+0")
    environment = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # a set clock leaves it alone: clock_gettime(2)
    }
    with Service(tmp_path / "store", "--timeout", "3", environment=environment) as service:
        service.start()
        acknowledged = []
        for number, jump in enumerate((DAY, -DAY)):
            with ThreadPoolExecutor(1) as thread:
                start = time.monotonic()
                slow = thread.submit(service.ask, SLOW)
                time.sleep(0.7)
                clock.write_text(f"{jump:+}")
                text = f"INSERT DATA {{ GRAPH <x:g> {{ <x:s> <x:p> {number} }} }}"
                assert service.update(text).status_code == 204
                acknowledged.append([str(number)])
                assert slow.result().status_code == 504
                assert 3 <= time.monotonic() - start < 20
            until(partial(has_noticed, service, jump))
            assert service.rows("SELECT ?n { <x:s> <x:p> ?n } ORDER BY ?n") == acknowledged
        assert service.end() == 0
        assert "Traceback" not in service.log


def has_noticed(service: Service, jump: int) -> bool:
    """Whether its clock is so many seconds ahead, by the Date of its answers."""
    date = parsedate_to_datetime(service.ask("ASK {}").headers["date"])
    return abs(date.timestamp() - time.time() - jump) < DAY / 2
