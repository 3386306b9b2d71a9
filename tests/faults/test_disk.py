"""A service whose disk is full: it says so, nothing is lost, it goes on answering, also after a start."""

import signal
from pathlib import Path

import pytest
from served import Service, until

ROWS = "SELECT ?n { ?s <x:n> ?n }"


@pytest.mark.slow
def test_a_full_disk(small_disk: Path, tmp_path: Path) -> None:
    environment = {"COMITY_BUNDLED": "off"}
    service = Service(small_disk / "store", environment=environment, log=tmp_path / "log")
    with service:
        service.start()
        acknowledged, large = [], "x" * 50_000
        for number in range(1000):
            triples = " ".join(f'<x:s> <x:q> "{number} {part} {large}" .' for part in range(18))
            answer = service.update(f"INSERT DATA {{ {triples} <x:s> <x:n> {number} }}")
            if answer.status_code != 204:
                break
            acknowledged.append(number)
        assert answer.status_code == 507, answer.text
        assert "disk is full" in answer.json()["detail"] and answer.json()["hint"]
        assert len(acknowledged) > 3

        def assert_all_is_there() -> None:
            for _ in range(3):
                assert sorted(int(row[0]) for row in service.rows(ROWS)) == acknowledged

        assert_all_is_there()
        upload = b"<x:s> <x:q> 1 .\n" * 2_000_000
        headers = {"Content-Type": "text/turtle"}
        answer = service.write("PUT", "store?graph=x:large", content=upload, headers=headers)
        assert answer.status_code == 507, answer.text
        assert_all_is_there()
        service.end(signal.SIGKILL)
        service.start()
        assert_all_is_there()
        assert service.write("DELETE", "store?default").status_code == 204
        assert service.rows(ROWS) == []
        until(lambda: service.update("INSERT DATA { <x:s> <x:n> 1 }").status_code == 204)
        assert service.rows(ROWS) == [["1"]]
        assert service.end() == 0
        assert "Traceback" not in service.log
