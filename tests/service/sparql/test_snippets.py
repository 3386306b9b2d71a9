"""What can be made of a query of one's own: formats that do answer, code that runs as it stands."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from needs import need_program
from service_process import make_store, served
from starlette.testclient import TestClient

# What each language has to escape: quotes of all kinds, a brace with a dollar, M's and R's marks, lines.
HARD = r"""PREFIX id: <https://w3id.org/comity/id/>
# don't "stop" `here` ${now} #(lf) )" )-" \
SELECT ?thing ?said {
  VALUES (?thing ?said) { (id:iran "it's \"100%\" `so` ${x} #(lf) )\" \\ & ünï") (UNDEF "NA") }
}"""
WORDS = 'it\'s "100%" `so` ${x} #(lf) )" \\ & ünï'
LONG = HARD + "\n#" + "-" * 7000
ASK = "ASK { VALUES ?x { 'yes' } }"
CONSTRUCT = """PREFIX id: <https://w3id.org/comity/id/>
CONSTRUCT { id:iran id:says "it's" } WHERE {}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("offers")
    store = make_store(folder / "store")
    with served(folder / "log", "--no-bundled", store=store) as service:
        yield service.address


def run(file: str, text: str, folder: Path) -> str:
    """What a snippet prints, run by its own program; a Power Query's form is posted as it says."""
    programs = {".sh": "bash", ".R": "Rscript", ".mjs": "node", ".py": sys.executable}
    if file.endswith(".pq"):
        return posted(text)
    program = programs[Path(file).suffix]
    need_program("curl" if program == "bash" else program)
    code = folder / f"code{Path(file).suffix}"  # pandas.py would be pandas to itself
    code.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [program, code], capture_output=True, encoding="utf-8", check=False, cwd=folder, timeout=120
    )
    assert done.returncode == 0, (file, done.stderr)
    return done.stdout


def posted(text: str) -> str:
    """The answer to what a Power Query would post: its texts read as M reads them."""
    strings = [
        each.replace('""', '"').replace("#(#)", "#")
        for each in re.findall(r'"((?:[^"]|"")*)"', text)
    ]
    form = urlencode({"query": strings[0], "format": strings[1]})
    url = next(each for each in strings if each.startswith("http") and each.endswith("/sparql"))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return httpx.post(url, content=form, headers=headers).raise_for_status().text


@pytest.mark.parametrize(
    ("query", "words"),
    [(HARD, WORDS), (ASK, "true"), (CONSTRUCT, "it's")],
    ids=["table", "boolean", "graph"],
)
def test_the_code_runs(address: str, tmp_path: Path, query: str, words: str) -> None:
    found = httpx.post(f"{address}/snippets", data={"query": query}).raise_for_status().json()
    assert found["snippets"][0]["tool"] == "curl"
    for each in found["snippets"]:
        printed = run(each["file"], each["text"], tmp_path)
        plain = printed.replace('""', '"').replace('\\"', '"').replace("\\\\", "\\").lower()
        plain = plain.replace("\\'", "'")
        assert words.lower() in plain, (each["file"], printed)


def test_the_code_of_a_long_query_posts_it(address: str, tmp_path: Path) -> None:
    found = httpx.post(f"{address}/snippets", data={"query": LONG}).raise_for_status().json()
    assert len(found["snippets"]) > 4
    for each in found["snippets"]:
        if each["file"] == "r.R":  # needs a package that may be missing
            assert "curl::" in each["text"]
            continue
        assert "iran" in run(each["file"], each["text"], tmp_path), each["file"]


def test_the_code_keeps_the_dataset(address: str, tmp_path: Path) -> None:
    graph = "https://w3id.org/comity/graph/none's"
    data = {"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "default-graph-uri": graph}
    found = httpx.post(f"{address}/snippets", data=data).raise_for_status().json()
    assert len(found["snippets"]) > 4
    for each in found["snippets"]:
        assert "none" in each["text"], each["file"]
        if not each["file"].endswith(".pq"):
            assert re.search(r"\b0\b", run(each["file"], each["text"], tmp_path)), each["file"]


@pytest.mark.parametrize("query", [HARD, ASK, CONSTRUCT], ids=["table", "boolean", "graph"])
def test_every_format_is_what_it_says(client: TestClient, query: str) -> None:
    found = client.get("/snippets", params={"query": query}).json()
    formats = [each for each in found["formats"] if each["kind"] != "network"]
    assert {each["suffix"] for each in formats} >= (
        {"ttl", "nq"} if found["form"] == "graph" else {"csv", "xlsx"}
    )
    for each in formats:
        answer = client.post("/sparql", data={"query": query, "format": each["suffix"]})
        assert answer.status_code == 200, each
        assert answer.headers["content-type"].partition(";")[0] == each["media_type"]


def test_networks_are_offered_where_there_may_be_one(client: TestClient) -> None:
    query = """PREFIX id: <https://w3id.org/comity/id/>
    SELECT ?source ?target { VALUES (?source ?target) { (id:iran id:russia) (id:iran id:syria) } }"""
    formats = client.get("/snippets", params={"query": query}).json()["formats"]
    networks = [each for each in formats if each["kind"] == "network"]
    assert {each["suffix"] for each in networks} >= {"gexf", "cyjs", "gephi.zip", "ttl", "jsonld"}
    for each in networks:
        answer = client.post("/sparql", data={"query": query, "format": each["suffix"]})
        assert answer.status_code == 200, each
        assert answer.headers["content-type"].partition(";")[0] == each["media_type"]
    asked = client.get("/snippets", params={"query": ASK}).json()
    assert {each["kind"] for each in asked["formats"]} == {"table"}


def test_what_is_no_query(client: TestClient) -> None:
    for response in (
        client.get("/snippets"),
        client.post("/snippets", data={"query": "DROP ALL"}),
        client.get("/snippets", params={"query": ""}),
    ):
        assert (response.status_code, response.json()["parameter"]) == (400, "query")
