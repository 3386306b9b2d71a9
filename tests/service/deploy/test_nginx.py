"""The service behind nginx, with the configuration that `service/deploy` has for it."""

import os
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from needs import need_program
from places import ROOT
from prometheus_client.parser import text_string_to_metric_families
from service_process import Service, make_store, served

SITE = ROOT / "service" / "deploy" / "nginx.conf"
NAME = "graph.example.org"
TOKEN = "a-secret-of-these-tests"
ALL = "SELECT ?s ?p ?o { ?s ?p ?o . ?a ?b ?c }"
ENDLESS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
SILENT = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
END = b"\r\n0\r\n\r\n"


@dataclass(frozen=True)
class Proxy:
    """An nginx: its ports, and the service that stands behind it."""

    port: int
    tls_port: int
    service: Service

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    program = need_program("nginx")
    need_program("openssl")
    folder = tmp_path_factory.mktemp("nginx")
    store = make_store(folder / "store")
    flags = ["--no-bundled", "--workers", "2", "--rate", "1000/h", "--timeout", "60"]
    environment = {"COMITY_TOKEN": TOKEN, "COMITY_LOG_LEVEL": "info", "COMITY_LOG_FORMAT": "json"}
    with served(folder / "log", *flags, store=store, **environment) as service:
        port, tls_port = free_port(), free_port()
        make_certificate(folder)
        (folder / "nginx.conf").write_text(configuration(folder, service, port, tls_port))
        command = [program, "-p", str(folder), "-c", "nginx.conf", "-e", "error.log"]
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as nginx:
            until(lambda: listens(port))
            yield Proxy(port, tls_port, service)
            nginx.terminate()


def configuration(folder: Path, service: Service, port: int, tls_port: int) -> str:
    """The site as it stands, with the ports of this test, in the least that nginx needs."""
    upstream = service.address.removeprefix("http://")
    listen = (
        f"listen 127.0.0.1:{port}; listen 127.0.0.1:{tls_port} ssl;\n"
        "    ssl_certificate cert.pem; ssl_certificate_key key.pem;"
    )
    site = SITE.read_text(encoding="utf-8")
    for pattern, by in (
        (r"server 127\.0\.0\.1:8000;", f"server {upstream};"),
        (r"listen 80;\n *listen \[::\]:80;", listen),
    ):
        site, count = re.subn(pattern, by, site)
        assert count == 1, pattern
    paths = "".join(
        f"  {name}_temp_path {name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    return (
        f"{user}daemon off;\npid nginx.pid;\nerror_log error.log;\n"
        f"events {{}}\nhttp {{\n  access_log off;\n{paths}{site}}}\n"
    )


def make_certificate(folder: Path) -> None:
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-subj", f"/CN={NAME}", "-days", "2"),
            *("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")),
        ],
        check=True,
        capture_output=True,
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def client(source: str = "127.0.0.1", verify: ssl.SSLContext | bool = True) -> httpx.Client:
    """A client that comes from an address of its own."""
    transport = httpx.HTTPTransport(local_address=source, verify=verify)
    return httpx.Client(transport=transport, timeout=60)


def begin(proxy: Proxy, query: str, timeout: float = 60) -> socket.socket:
    """Ask on a socket, and wait for the first bytes of the answer."""
    connection = send(proxy, query, timeout)
    assert connection.recv(12, socket.MSG_WAITALL) == b"HTTP/1.1 200"
    return connection


def send(proxy: Proxy, query: str, timeout: float = 60) -> socket.socket:
    """Ask on a socket."""
    connection = socket.create_connection(("127.0.0.1", proxy.port), timeout=60)
    connection.sendall(
        b"POST /sparql?timeout=%g HTTP/1.1\r\nHost: %s\r\nAccept: text/csv\r\n"
        b"Content-Type: application/sparql-query\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (timeout, NAME.encode(), len(query), query.encode())
    )
    return connection


def sample(proxy: Proxy, name: str, **labels: str) -> float:
    """A metric of the service behind."""
    text = httpx.get(f"{proxy.service.address}/metrics").text
    for family in text_string_to_metric_families(text):
        for found in family.samples:
            if found.name == name and labels.items() <= found.labels.items():
                return found.value
    raise AssertionError(f"no metric {name}")


def test_a_whole_answer_passes_unchanged(proxy: Proxy) -> None:
    headers = {"Accept": "text/csv"}
    through, direct = (
        httpx.post(f"{address}/sparql", data={"query": ALL}, headers=headers, timeout=60)
        for address in (proxy.address, proxy.service.address)
    )
    assert sorted(through.text.splitlines()) == sorted(direct.text.splitlines())
    assert len(through.content) > 1_000_000


def test_an_answer_comes_as_it_is_made(proxy: Proxy) -> None:
    with begin(proxy, ENDLESS) as connection:
        for _ in range(50):
            assert connection.recv(10_000)
        assert sample(proxy, "comity_workers", state="busy") == 1


def test_a_client_that_goes_frees_its_worker(proxy: Proxy) -> None:
    gone = sample(proxy, "comity_queries_total", outcome="gone")
    with begin(proxy, ENDLESS) as connection:
        connection.recv(1000)
    until(lambda: sample(proxy, "comity_queries_total", outcome="gone") == gone + 1)
    with send(proxy, SILENT):  # nothing is written that could fail
        until(lambda: sample(proxy, "comity_workers", state="busy") == 1)
    until(lambda: sample(proxy, "comity_queries_total", outcome="gone") == gone + 2)
    until(lambda: sample(proxy, "comity_workers", state="busy") == 0)


def test_an_answer_that_breaks_off_is_seen_to_break_off(proxy: Proxy) -> None:
    with begin(proxy, ENDLESS, timeout=1) as connection:
        end = b""
        try:
            while chunk := connection.recv(1 << 20):
                end = (end + chunk)[-10:]
        except ConnectionResetError:
            pass
    assert end
    assert not end.endswith(END)
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.post(f"{proxy.address}/sparql?timeout=1", data={"query": ENDLESS}, timeout=60)


def test_an_error_passes_as_it_is(proxy: Proxy) -> None:
    response = httpx.post(f"{proxy.address}/sparql", data={"query": "SELECT nonsense"})
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


class TestLinks:
    """They lead to the address that the client knows."""

    def described(self, client: httpx.Client, address: str, **claims: str) -> str:
        """The service's description of itself, which has its address."""
        headers = {"Host": NAME, "Accept": "text/turtle"} | claims
        return client.get(f"{address}/sparql", headers=headers).raise_for_status().text

    def test_the_name_is_that_of_the_request(self, proxy: Proxy) -> None:
        with client() as plain:
            assert f"<http://{NAME}/sparql>" in self.described(plain, proxy.address)

    def test_the_scheme_is_that_of_the_request(self, proxy: Proxy) -> None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with client(verify=context) as secure:
            address = f"https://127.0.0.1:{proxy.tls_port}"
            assert f"<https://{NAME}/sparql>" in self.described(secure, address)

    def test_what_a_client_claims_does_not_count(self, proxy: Proxy) -> None:
        claims = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
        with client("127.0.0.76") as liar:
            assert f"<http://{NAME}/sparql>" in self.described(liar, proxy.address, **claims)
        until(lambda: proxy.service.lines[-1].get("client") == "127.0.0.76")


def test_clients_are_told_apart_by_their_addresses(proxy: Proxy) -> None:
    with client("127.0.0.77") as one, client("127.0.0.78") as other:
        one.get(f"{proxy.address}/version")
        other.get(f"{proxy.address}/version")
        until(
            lambda: (
                {"127.0.0.77", "127.0.0.78"} <= {line.get("client") for line in proxy.service.lines}
            )
        )
        for _ in range(1100):
            if one.get(f"{proxy.address}/nothing").status_code == 429:
                break
        assert one.get(f"{proxy.address}/version").status_code == 429
        assert other.get(f"{proxy.address}/version").status_code == 200


def test_the_id_of_a_request_is_that_of_nginx(proxy: Proxy) -> None:
    response = httpx.get(f"{proxy.address}/version", headers={"X-Request-ID": "of-the-client"})
    id = response.headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{32}", id)
    until(lambda: any(line.get("id") == id for line in proxy.service.lines))


def test_metrics_are_for_this_machine(proxy: Proxy) -> None:
    for source, status in (("127.0.0.1", 200), ("127.0.0.79", 403)):
        with client(source) as each:
            assert each.get(f"{proxy.address}/health").status_code == 200
            assert each.get(f"{proxy.address}/metrics").status_code == status


def test_data_go_through(proxy: Proxy) -> None:
    data = "".join(f'<urn:s{n}> <urn:p> "{n}" .\n' for n in range(100_000))
    graph = f"{proxy.address}/store?graph=urn:through-nginx"
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/n-triples"}
    response = httpx.put(graph, content=data, headers=headers, timeout=60)
    assert response.status_code == 201
    assert httpx.get(graph, headers={"Accept": "application/n-triples"}).text.count("\n") == 100_000
