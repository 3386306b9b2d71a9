"""The tools of the README's users, on a running service: nothing is made to fit them."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx
import nbformat
import openpyxl
import pandas as pd
import pytest
import SPARQLWrapper
from nbclient import NotebookClient
from needs import need, need_program
from places import COMITY, DATA, READERS, ROOT
from rdflib import Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore, SPARQLUpdateStore
from rdflib.term import Node

from comity.graph.catalogue.queries import load_catalogue
from comity.service.queries.snippets import snippets

README = (ROOT / "queries" / "README.md").read_text(encoding="utf-8")
NOTEBOOK = ROOT / "service" / "notebooks" / "first-questions.ipynb"
HERE = "http://127.0.0.1:8000"
PREFIXES = """PREFIX comity: <https://w3id.org/comity/ontology#>
PREFIX id: <https://w3id.org/comity/id/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
SELECT = PREFIXES + 'SELECT ?name { id:iran rdfs:label ?name FILTER(LANG(?name) = "en") }'
ASK = PREFIXES + "ASK { id:iran a comity:State }"
CONSTRUCT = PREFIXES + "CONSTRUCT { id:iran a ?class } WHERE { id:iran a ?class }"
IRAN = "https://w3id.org/comity/id/iran"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with queries of every form beside its own, and a token."""
    environment = os.environ | {
        "XDG_DATA_HOME": str(tmp_path_factory.mktemp("home")),
        "COMITY_QUERIES": os.pathsep.join(map(str, (DATA / "queries", DATA / "clients"))),
        "COMITY_TOKEN": "secret",
    }
    command = [str(COMITY), "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as service:
        assert service.stderr
        line = service.stderr.readline()
        found = re.search(r"http://\S+?(?=/? )", line)
        assert found, line
        try:
            yield found[0].rstrip("/")
        finally:
            service.terminate()


def run(*command: str, folder: Path | None = None) -> str:
    """What a program prints; it must neither fail nor warn."""
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", check=False, cwd=folder, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    return done.stdout


def run_r(text: str) -> str:
    need_program("Rscript")
    return run("Rscript", "--vanilla", "-e", f"options(warn = 2, width = 200)\n{text}")


# The code on each query's page

POSITIONS = {"holder": "Iran", "stance": "opposes"}
ASKED = [
    ("positions-of", POSITIONS, "regional security"),
    ("literals", {"said": 'it\'s 100% "sure" & (so)'}, r'100% .?"sure.?" & \(so\)'),
    ("is-it", {"who": "iran"}, "(?i)true|yes"),
    ("names-of", {"of": "iran"}, "Иран"),
]


def code(address: str, name: str, arguments: dict[str, str]) -> dict[str, str]:
    """The code for each tool, as the page of the query shows it."""
    query = load_catalogue([DATA / "queries"]).queries[name]
    found = {each.file: each.text for each in snippets(address, query, arguments)}
    page = httpx.get(f"{address}/queries/{name}.html", params=arguments).text
    shown = pd.Series(re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL))
    for text in found.values():
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        assert escaped.replace('"', "&#34;").replace("'", "&#39;") in set(shown)
    return found


@pytest.mark.parametrize(("name", "arguments", "words"), ASKED, ids=lambda value: str(value)[:12])
def test_the_code_on_the_page_of_a_query(
    address: str, tmp_path: Path, name: str, arguments: dict[str, str], words: str
) -> None:
    files = code(address, name, arguments)
    assert len(files) > 3
    for file, text in files.items():
        if file.endswith(".py"):
            printed = run(sys.executable, "-c", text)
        elif file.endswith(".sh"):
            need_program("curl")
            printed = run("bash", "-c", text)
        elif file.endswith(".R"):
            printed = run_r(text)
        elif file.endswith(".mjs"):
            need_program("node")
            (tmp_path / file).write_text(text, encoding="utf-8")
            printed = run("node", file, folder=tmp_path)
        else:  # Power Query is not at hand; its address is
            (source,) = re.findall(r'Web\.Contents\("([^"]+)"\)', text)
            printed = httpx.get(source).raise_for_status().content.decode("utf-8")
        assert re.search(words, printed.replace('""', '"')), (file, printed)


def test_the_notebook_of_a_query(address: str) -> None:
    text = httpx.get(f"{address}/queries/positions-of.ipynb", params=POSITIONS).text
    assert "regional security" in executed(nbformat.reads(text, as_version=4))  # type: ignore[no-untyped-call]
    wrong = httpx.get(f"{address}/queries/positions-of.ipynb?holder=Irann")
    assert (wrong.status_code, wrong.json()["parameter"]) == (422, "holder")


def executed(notebook: Any) -> str:
    """All that the cells of a notebook print and show."""
    nbformat.validate(notebook)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "".join(o.get("text", "") + o.get("data", {}).get("text/plain", "") for o in outputs)


def test_the_readme_has_the_same_code(address: str) -> None:
    query = load_catalogue().queries["positions-of"]
    found = {s.file: s.text for s in snippets(HERE, query, {"holder": "Iran"})}
    for file, language in (
        ("pandas.py", "python"),
        ("sparqlwrapper.py", "python"),
        ("r.R", "r"),
        ("powerquery.pq", "powerquery"),
        ("javascript.mjs", "js"),
    ):
        assert f"```{language}\n{found[file]}```" in README, file


def test_the_notebook_of_the_readme(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_URL", address)
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    assert all(not cell.get("outputs") for cell in notebook.cells), "clear the outputs"
    assert "{'2018-01-01': 'yes', '2020-01-01': 'no', '2021-02-22': 'no'}" in executed(notebook)


# What spreadsheets and data frames get wrong

FORMULA = "=cmd|' /C calc'!A0"


def test_pandas_reads_csv(address: str) -> None:
    for bom in ("0", "1"):
        source = f"{address}/queries/awkward.csv?bom={bom}"
        table = pd.read_csv(source, keep_default_na=False, na_values=[""])
        assert list(table.columns)[:2] == ["row", "code"]
        assert table["code"].tolist()[:3] == ["NA", "RU", "IR"]  # Namibia
        assert pd.isna(table["code"][3])
        assert table["text"][0] == FORMULA
        assert table["number"].tolist() == [1.5, -2000, 3, 4]
        assert table["thing_label"][0] == "Iran"


def test_pandas_has_a_typed_frame_of_parquet(address: str) -> None:
    table = pd.read_parquet(f"{address}/queries/awkward.parquet")
    assert table["code"].tolist()[:3] == ["NA", "RU", "IR"]
    assert table["row"].dtype == "int64"
    assert str(table["moment"].dtype).startswith("datetime64[")
    assert table["moment"][0] == pd.Timestamp("1828-02-10T12:00:00Z")
    assert table["day"][0] == date(1828, 2, 10)
    assert table["flag"].tolist()[:2] == [True, False]


def test_pandas_reads_a_workbook(address: str) -> None:
    body = httpx.get(f"{address}/queries/awkward.xlsx").content
    table = pd.read_excel(io.BytesIO(body), keep_default_na=False, na_values=[""])
    assert table["code"].tolist()[:3] == ["NA", "RU", "IR"]
    assert table["text"].tolist()[:2] == [FORMULA, "-1+1"]
    assert table["day"].tolist()[:2] == ["1828-02-10", datetime(2021, 2, 22)]
    assert table["flag"].tolist()[:2] == [True, False]
    about = openpyxl.load_workbook(io.BytesIO(body))["About"]
    said = {str(row[0]): str(row[1]) for row in about.iter_rows(values_only=True)}
    assert said["licence"] == "https://creativecommons.org/licenses/by/4.0/"
    assert said["query"].startswith("#+ summary: What spreadsheets")


def test_r_reads_csv(address: str) -> None:
    text = f"""
        table <- read.csv("{address}/queries/awkward.csv", na.strings = "", encoding = "UTF-8")
        cat(table$code[1:3], is.na(table$code[4]), class(table$number), "\\n")
        cat(table$text[1], as.character(as.Date(table$day[1])), nrow(table), table$flag[1])"""
    assert run_r(text).split("\n") == [
        "NA RU IR TRUE numeric ",
        f"{FORMULA} 1828-02-10 4 true",
    ]


def test_libreoffice_reads_the_workbook_and_csv(address: str, tmp_path: Path) -> None:
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("needs LibreOffice: apt-get install libreoffice-calc-nogui")
    for suffix in ("xlsx", "csv"):
        file = tmp_path / f"{suffix}.{suffix}"
        file.write_bytes(httpx.get(f"{address}/queries/awkward.{suffix}?only=1").content)
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        to = f"csv:Text - txt - csv (StarCalc):44,34,76:{tmp_path}/{suffix}"
        run(office, profile, "--headless", "--convert-to", to, "--outdir", str(tmp_path), str(file))
    (table,) = [pd.read_csv(f, keep_default_na=False) for f in tmp_path.glob("xlsx*.csv")][:1]
    assert table["text"][0] == FORMULA
    assert table["code"][0] == "NA"


def test_every_download_names_licence_and_query(address: str) -> None:
    for suffix in ("json", "csv", "tsv", "ndjson", "xlsx", "parquet", "srj", "srx"):
        response = httpx.get(f"{address}/queries/positions-of.{suffix}", params=POSITIONS)
        links = {
            relation: url
            for url, relation in re.findall(r'<([^>]*)>; rel="(\w+)"', response.headers["link"])
        }
        assert links["license"] == "https://creativecommons.org/licenses/by/4.0/"
        text = httpx.get(links["describedby"]).text
        assert "https://w3id.org/comity/id/iran" in text
        assert "VALUES ?holder" in text
        release = response.headers["comity-release"]
        disposition = response.headers["content-disposition"]
        assert f'filename="positions-of-{release[:8]}.{suffix}"' in disposition


# Clients of SPARQL


# It says so of its own use of rdflib, and of names of formats that it does not know for a form.
quietly = pytest.mark.filterwarnings(
    "ignore:ConjunctiveGraph is deprecated",
    "ignore:Sending Accept header",
    "ignore:Format requested",
)


@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv"])
def test_sparqlwrapper_gets_a_table(address: str, form: str) -> None:
    found = wrapped(address, SELECT, form)
    if form == "json":
        assert found["results"]["bindings"][0]["name"]["value"] == "Iran"
    elif form == "xml":
        assert '<literal xml:lang="en">Iran</literal>' in found.toxml()
    else:
        assert b"Iran" in found


@quietly
@pytest.mark.parametrize(
    "form", ["turtle", "n3", "rdf", "rdf+xml", "xml", "json-ld", "json", "application/rdf+xml"]
)
def test_sparqlwrapper_gets_a_graph(address: str, form: str) -> None:
    found = wrapped(address, CONSTRUCT, form)
    if isinstance(found, bytes):
        found = Graph().parse(
            found, format="n3" if form == "n3" else form.replace("json-ld", "json-ld")
        )
    if not isinstance(found, Graph):  # JSON that is no JSON-LD to it
        found = Graph().parse(json.dumps(found), format="json-ld")
    assert URIRef(IRAN) in set(found.subjects())


@pytest.mark.parametrize("form", ["json", "xml"])
def test_sparqlwrapper_gets_yes_or_no(address: str, form: str) -> None:
    found = wrapped(address, ASK, form)
    assert found["boolean"] if form == "json" else "<boolean>true</boolean>" in found.toxml()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("way", ["urlencoded", "postdirectly"])
def test_sparqlwrapper_asks_in_every_way(address: str, method: str, way: str) -> None:
    client = SPARQLWrapper.SPARQLWrapper(f"{address}/sparql", returnFormat="json")
    client.setMethod(method)
    client.setRequestMethod(way)
    client.setOnlyConneg(way == "urlencoded")
    client.addDefaultGraph("https://w3id.org/comity/graph/states")
    client.setQuery(SELECT)
    assert converted(client)["results"]["bindings"]


def wrapped(address: str, query: str, form: str) -> Any:
    client = SPARQLWrapper.SPARQLWrapper(f"{address}/sparql", returnFormat=form)
    client.setQuery(query)
    return converted(client)


def converted(client: Any) -> Any:
    """What it makes of the answer, which it leaves open."""
    result = client.query()
    with result.response:
        return result.convert()


def test_rdflibs_store(address: str) -> None:
    graph = Graph(SPARQLStore(f"{address}/sparql"))
    assert [str(row[0]) for row in graph.query(SELECT)] == ["Iran"]  # type: ignore[index]
    assert graph.query(ASK).askAnswer
    assert len(list(graph.query(CONSTRUCT))) > 1
    state = URIRef("https://w3id.org/comity/ontology#State")
    assert (URIRef(IRAN), None, state) in graph
    assert Literal("Иран", lang="ru") in set(graph.objects(URIRef(IRAN)))


def test_rdflibs_store_writes(address: str) -> None:
    store = SPARQLUpdateStore(
        f"{address}/sparql",
        f"{address}/update",
        autocommit=False,
        headers={"Authorization": "Bearer secret"},
    )
    graph = Graph(store, identifier=URIRef("urn:graph:of-the-test"))
    triples: set[tuple[Node, Node, Node]] = {
        (URIRef("urn:a"), URIRef("urn:says"), Literal('"one"\n€', lang="fr")),
        (URIRef("urn:a"), URIRef("urn:counts"), Literal(3)),
    }
    for triple in triples:
        graph.add(triple)
    graph.commit()
    assert set(graph) == triples
    graph.remove((URIRef("urn:a"), None, None))
    graph.commit()
    assert not set(graph)


def test_comunica(address: str) -> None:
    need_program("node")
    need(
        (READERS / "node_modules" / "@comunica" / "query-sparql").is_dir(),
        f"Comunica: cd {READERS}; npm ci",
    )
    endpoint = f"{address}/sparql"
    found = json.loads(
        run("node", "comunica.mjs", endpoint, SELECT, ASK, CONSTRUCT, folder=READERS)
    )
    assert found["rows"] == [{"name": "Iran"}]
    assert found["yes"] is True
    assert [IRAN, "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"] in [
        triple[:2] for triple in found["triples"]
    ]


def test_a_generated_client(address: str, tmp_path: Path) -> None:
    """One of the many programs that make a client of an OpenAPI document; it is asked, too."""
    maker = Path(sys.executable).with_name("openapi-python-client")
    document = tmp_path / "openapi.json"
    document.write_bytes(httpx.get(f"{address}/openapi.json").content)
    config = tmp_path / "config.json"
    config.write_text('{"package_name_override": "made", "post_hooks": []}')
    output = tmp_path / "out"
    made = subprocess.run(
        [
            *(maker, "generate", "--path", document, "--output-path", output),
            *("--meta", "none", "--config", config),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    (tmp_path / "made").symlink_to(output)
    text = f"""
import made
from made.api.positions import positions_of
client = made.Client(base_url={address!r})
answer = positions_of.sync_detailed(client=client, holder="Iran", filter_=["words:regional"])
print(answer.parsed.to_dict()["rows"][0]["words"])
"""
    assert "regional" in run(sys.executable, "-c", text, folder=tmp_path)
