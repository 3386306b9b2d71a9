"""The catalogue and its queries over HTTP, on the tiny graph."""

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from httpx2 import Response
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from needs import need_libraries
from places import DATA
from starlette.testclient import TestClient

from comity.graph.engines.embedded.load import load
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.errors import UsageError
from comity.service.app import create_app
from comity.service.settings import Settings, read_settings

QUERIES = DATA / "queries"
ID = "https://w3id.org/comity/id/"
TINY = "https://w3id.org/comity/source/tiny"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
SCHEMA_FILES = {"is-it", "literals", "names-of", "taking-part", "things"}


@pytest.fixture(scope="module")
def own() -> Iterator[TestClient]:
    """A service on the tiny graph, with the queries of the tests beside its own."""
    with closing(open_embedded("memory", bundled=False)) as store:
        load(store, [DATA / "tiny.trig"])
        settings = Settings(store="memory", bundled=False, queries=(QUERIES,))
        yield TestClient(create_app(store, settings), follow_redirects=False)


def rows(response: Response) -> list[dict[str, object]]:
    assert response.status_code == 200, response.text
    found = response.json()["rows"]
    assert isinstance(found, list)
    return found


def test_a_folder_of_ones_own_shows_up(own: TestClient) -> None:
    document = own.get("/queries.json").json()
    names = {query["name"] for query in document["queries"]}
    assert names >= SCHEMA_FILES | {"positions-of"}
    (entry,) = [query for query in document["queries"] if query["name"] == "taking-part"]
    assert entry["url"] == "http://testserver/queries/taking-part"
    assert entry["parameters"][0] == {
        "name": "who",
        "type": "state",
        "need": "required",
        "meaning": "The state",
        "takes": "a name in any language or a part of it, a code, a slug or an IRI",
        "example": "iran",
    }
    assert {"value": "iran", "label": "Iran"} in document["values"]["state"]
    assert document["broken"] == []
    assert rows(own.get(entry["example"]))
    paths = own.get("/openapi.json").json()["paths"]
    assert {f"/queries/{name}" for name in SCHEMA_FILES} <= set(paths)
    page = own.get("/queries", headers={"accept": BROWSER})
    assert "Who takes part in what" in page.text
    assert page.headers["content-type"] == "text/html; charset=utf-8"


def test_the_catalogue_by_accept_and_suffix(own: TestClient) -> None:
    assert own.get("/queries").headers["content-type"] == "application/json"
    assert own.get("/queries.html").headers["content-type"].startswith("text/html")
    assert own.get("/queries?format=html").headers["content-type"].startswith("text/html")
    assert own.get("/queries.csv").status_code == 406


def test_a_broken_file_is_listed_and_hides_its_folder(
    store: EmbeddedStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "bad.rq").write_text("SELEC * {}")
    (tmp_path / "fine.rq").write_text("#+ summary: Fine\nASK {}")
    client = TestClient(create_app(store, Settings(store="memory", queries=(tmp_path,))))
    (broken,) = client.get("/queries.json").json()["broken"]
    assert broken["file"] == "bad.rq"
    assert broken["error"].startswith("bad.rq:1: line 1")
    assert "bad.rq:1" in client.get("/queries.html").text
    assert str(tmp_path) not in client.get("/queries.html").text
    assert str(tmp_path / "bad.rq") in caplog.text
    assert rows(client.get("/queries/fine")) == [{"answer": True}]


def test_the_answer_in_json(own: TestClient) -> None:
    response = own.get("/queries/taking-part.json?who=IRAN&in=River+format")
    document = response.json()
    assert document["rows"] == [
        {
            "who": ID + "iran",
            "who_label": "Iran",
            "in": ID + "river-format",
            "in_label": "River format",
            "words": "Iran and Russia meet in the River format",
            "sentence": 2,
            "record": TINY + "#f2.1",
            "record_label": "Iran and Russia take part in the River format",
        }
    ]
    assert list(document) == [
        *("columns", "rows", "total", "complete", "next"),
        *("reasons", "query", "cite"),
    ]
    assert (document["total"], document["complete"], document["next"]) == (1, True, None)
    assert document["query"]["parameters"] == [
        {"name": "who", "value": ID + "iran", "label": "Iran", "as": "iran"},
        {"name": "in", "value": ID + "river-format", "label": "River format", "as": "river-format"},
    ]
    assert document["cite"]["data"] == response.headers["comity-data-version"]
    assert document["cite"]["url"].endswith("?who=IRAN&in=River+format")
    assert response.headers["comity-complete"] == "true"
    assert response.headers["vary"] == "Accept, Accept-Encoding"


def test_an_optional_parameter_left_out(own: TestClient) -> None:
    document = own.get("/queries/taking-part.json?who=russia&in=").json()
    assert [row["record"] for row in document["rows"]] == [TINY + "#f2.1"]
    assert document["query"]["parameters"][1]["value"] is None


def test_labels_in_another_language(own: TestClient) -> None:
    (row,) = rows(own.get("/queries/taking-part?who=Иран&lang=fa"))
    assert row["who_label"] == "ایران"
    assert row["in_label"] == "River format"
    assert own.get("/queries/taking-part?who=iran&lang=not a tag").status_code == 422


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        ("json", "application/json"),
        ("csv", "text/csv; charset=utf-8"),
        ("tsv", "text/tab-separated-values; charset=utf-8"),
        ("ndjson", "application/x-ndjson"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("parquet", "application/vnd.apache.parquet"),
        ("srj", "application/sparql-results+json"),
        ("srx", "application/sparql-results+xml"),
        ("html", "text/html; charset=utf-8"),
    ],
)
def test_every_format_by_each_way(own: TestClient, suffix: str, kind: str) -> None:
    by_suffix = own.get(f"/queries/taking-part.{suffix}?who=iran")
    assert by_suffix.headers["content-type"] == kind
    by_name = own.get(f"/queries/taking-part?who=iran&format={suffix}")
    by_accept = own.get("/queries/taking-part?who=iran", headers={"accept": kind.partition(";")[0]})
    for other in (by_name, by_accept):
        assert other.headers["content-type"] == kind
        if suffix not in ("json", "html", "xlsx", "parquet"):  # these tell their own address
            assert other.content == by_suffix.content
    assert (
        own.get(f"/queries/taking-part.{suffix}?who=iran&format=csv").headers["content-type"]
        == kind
    )


def test_who_names_no_format(own: TestClient) -> None:
    kind = "content-type"
    assert own.get("/queries/is-it?who=iran").headers[kind] == "application/json"
    page = own.get("/queries/is-it?who=iran", headers={"accept": BROWSER})
    assert page.headers[kind].startswith("text/html")
    for response in (
        own.get("/queries/is-it.docx?who=iran"),
        own.get("/queries/is-it?who=iran", headers={"accept": "image/png"}),
        own.get("/queries/names-of.csv?of=iran"),
    ):
        assert response.status_code == 406
        assert "The formats are" in response.json()["hint"]


def test_a_graph(own: TestClient) -> None:
    response = own.get("/queries/names-of.ttl?of=iran")
    assert response.headers["content-type"] == "text/turtle; charset=utf-8"
    assert "Иран" in response.text
    as_json = own.get("/queries/names-of?of=iran&format=json")
    assert as_json.headers["content-type"] == "application/ld+json"
    page = own.get("/queries/names-of?of=iran", headers={"accept": BROWSER})
    assert "Иран" in page.text
    assert own.get("/queries/names-of.ttl?of=iran&limit=1").json()["parameter"] == "limit"


def test_yes_or_no(own: TestClient) -> None:
    assert rows(own.get("/queries/is-it?who=iran")) == [{"answer": True}]
    assert rows(own.get("/queries/is-it?who=united-states")) == [{"answer": False}]
    assert own.get("/queries/is-it.srj?who=iran").json() == {"head": {}, "boolean": True}
    assert '<h2 id="answer">Yes' in own.get("/queries/is-it.html?who=iran").text


def test_literals_are_typed(own: TestClient) -> None:
    given = "on=2020&until=2020&number=7&said=" + quote('} " {')
    (row,) = rows(own.get(f"/queries/literals?{given}"))
    assert row == {
        "on": "2020-01-01T00:00:00Z",
        "until": "2020-12-31T23:59:59Z",
        "number": 7,
        "said": '} " {',
        "flag": True,
        "broken": 1.5,
        "iri": ID + "iran",
        "iri_label": "Iran",
        "none": None,
    }
    (row,) = rows(own.get("/queries/literals"))
    assert (row["until"], row["number"], row["said"]) == (None, 12, 'a "word"')


def test_the_text_of_a_query(own: TestClient) -> None:
    text = (QUERIES / "taking-part.rq").read_text()
    response = own.get("/queries/taking-part.rq")
    assert response.headers["content-type"].startswith("application/sparql-query")
    assert response.text == text
    bound = own.get("/queries/taking-part.rq?who=Russia").text
    assert bound.count(f"<{ID}russia>") == 3
    again = own.post("/sparql", data={"query": bound}, headers={"accept": "text/csv"}).text
    assert again.count(TINY + "#f2.1") == 1


def test_pages_lead_from_one_to_the_next(own: TestClient) -> None:
    address, found, relations = "/queries/things.json?limit=7", [], []
    while address:
        response = own.get(address)
        found += rows(response)
        document = response.json()
        links = re.findall(r'<([^>]*)>; rel="(\w+)"', response.headers.get("link", ""))
        by_relation = {relation: url for url, relation in links}
        relations.append(sorted(by_relation))
        assert by_relation.get("next") == document["next"]
        assert response.headers["comity-complete"] == "false"
        assert document["complete"] is False
        address = document["next"]
    assert relations == [
        ["describedby", "next"],
        ["describedby", "first", "next", "prev"],
        ["describedby", "first", "prev"],
    ]
    assert document["total"] == len(found) == 20  # its own LIMIT
    whole = own.get("/queries/things.json")
    assert rows(whole) == found
    assert whole.json()["complete"] is True
    assert 'rel="next"' not in whole.headers["link"]


@pytest.mark.parametrize("suffix", ["csv", "tsv", "ndjson", "srj", "srx", "html"])
def test_every_format_tells_of_the_next_page(own: TestClient, suffix: str) -> None:
    response = own.get(f"/queries/things.{suffix}?limit=3&offset=3")
    if suffix == "html":
        assert "Rows 4 to 6, and more" in response.text
        assert 'rel="next">Next page' in response.text
        return
    assert response.headers["comity-complete"] == "false"
    assert (
        f'<http://testserver/queries/things.{suffix}?limit=3&offset=6>; rel="next"'
        in (response.headers["link"])
    )
    assert response.text.count("/id/") + response.text.count("/ontology#") <= 3


def test_sorted_and_filtered(own: TestClient) -> None:
    def things(given: str) -> list[object]:
        return [row["thing"] for row in rows(own.get(f"/queries/things.json?{given}"))]

    def label(given: str) -> list[object]:
        return [row["label"] for row in rows(own.get(f"/queries/things.json?{given}"))]

    everything = things("")
    assert things("sort=desc(thing)") == sorted(map(str, everything), reverse=True)
    assert set(things("filter=thing:=iran")) == set(things("filter=thing:IRAN$")) == {ID + "iran"}
    assert ID + "iran" not in things("filter=thing:!=iran")
    assert label("filter=thing:=russia&sort=desc(label)") == ["Россия", "Russia"]
    assert set(things("filter=thing_label:^Иран$&lang=ru")) == {ID + "iran"}
    assert things("filter=thing_label:^Иран$") == []
    assert label("filter=thing:/id/&filter=label:^Rus&require=thing") == ["Russia"]
    document = own.get("/queries/things.json?filter=thing:/id/&sort=desc(thing)&limit=1").json()
    assert "filter=thing%3A%2Fid%2F&sort=desc%28thing%29&limit=1&offset=1" in document["next"]


def test_a_filter_is_in_the_text_of_the_query(own: TestClient) -> None:
    given = "filter=thing:=russia&filter=label:=Russia"
    response = own.get(f"/queries/things.csv?{given}")
    (url,) = re.findall(r'<([^>]*)>; rel="describedby"', response.headers["link"])
    text = own.get(url).text
    again = own.post("/sparql", data={"query": text}, headers={"accept": "text/csv"})
    assert again.text == f"thing,label\r\n{ID}russia,Russia\r\n"


def test_a_byte_order_mark(own: TestClient) -> None:
    plain = own.get("/queries/things.csv").content
    assert own.get("/queries/things.csv?bom=1").content == b"\xef\xbb\xbf" + plain
    assert own.get("/queries/things.csv?bom=0").content == plain
    refused = own.get("/queries/things.json?bom=1")
    assert (refused.status_code, refused.json()["parameter"]) == (422, "bom")


def test_a_page_beyond_the_end(own: TestClient) -> None:
    document = own.get("/queries/things?offset=100").json()
    assert (document["rows"], document["total"], document["complete"]) == ([], None, False)


def test_a_parameter_may_be_called_format(own: TestClient) -> None:
    assert own.get("/queries/things.csv?format=river-format").status_code == 200
    refused = own.get("/queries/things?format=csv")
    assert (refused.status_code, refused.json()["parameter"]) == (422, "format")


def test_a_part_of_a_name(own: TestClient, article: EmbeddedStore) -> None:
    whole, part = (
        own.get(f"/queries/taking-part.json?who=iran&in={name}").json()["rows"]
        for name in ("river-format", "River")
    )
    assert whole == part != []
    bundled = TestClient(create_app(article, Settings(store="memory")))
    refused = bundled.get("/queries/timeline-of.json?thing=Hormuz")
    assert (refused.status_code, refused.json()["parameter"]) == (422, "thing")
    assert "place: Strait of Hormuz (id:strait-of-hormuz)" in refused.json()["hint"]


@pytest.mark.parametrize(
    ("path", "parameter", "hint"),
    [
        ("taking-part", "who", "Give who, such as iran"),
        ("taking-part?who=Irann", "who", "Did you mean Iran (id:iran)"),
        ("taking-part?who=river-format", "who", "There are iran, russia, united-states"),
        (
            "taking-part?who=iran&state=iran",
            "state",
            "The parameters are who, in, limit, offset, sort",
        ),
        ("taking-part?who=iran&whom=x", "whom", "Did you mean who?"),
        ("taking-part?who=iran&limit=0", "limit", None),
        ("taking-part?who=iran&limit=10001", "limit", None),
        ("taking-part?who=iran&limit=ten", "limit", None),
        ("taking-part?who=iran&offset=-1", "offset", None),
        ("is-it?who=iran&limit=1", "limit", None),
        ("taking-part?who=iran&who=russia", "who", None),
        ("literals?on=soon", "on", "Write 2021-02-22"),
        ("literals?number=1.5", "number", "Write 12"),
        ("things?sort=up(thing)", "sort", "Write sort=desc(column)"),
        ("things?sort=desc(thin)", "sort", "Did you mean thing? The columns are thing"),
        ("things?sort=thing_label_label", "sort", "The columns are thing"),
        ("things?filter=thing", "filter", "Write filter=column:pattern"),
        ("things?filter=thing:(", "filter", "filter=thing:=("),
        ("things?filter=thing:x&filter=colour:x", "filter", "The columns are thing"),
        ("things?require=colour", "require", "The columns are thing"),
        ("is-it?who=iran&sort=asc(answer)", "sort", None),
        ("things?bom=maybe", "bom", "Write 1 or 0"),
    ],
)
def test_a_wrong_parameter(own: TestClient, path: str, parameter: str, hint: str | None) -> None:
    for suffix in ("", ".csv", ".srx", ".ndjson"):
        name, mark, given = path.partition("?")
        response = own.get(f"/queries/{name}{suffix}{mark}{given}")
        assert response.status_code == 422, response.text
        assert response.headers["content-type"] == "application/problem+json"
        problem = response.json()
        assert problem["parameter"] == parameter
        assert (hint or "") in problem.get("hint", "")


def test_an_unknown_query(own: TestClient) -> None:
    response = own.get("/queries/taking-parts.csv?who=iran")
    assert response.status_code == 404
    assert "Did you mean taking-part" in response.json()["hint"]
    assert own.get("/queries/" + "x" * 3000).status_code == 404
    assert own.get("/queries/..%2Fchecks%2Fblank-node").status_code == 404


HOSTILE = [
    *('"', "'", "}", "{", "} ; DROP ALL", '" } } DROP ALL #', "\\", "a\nb", "\0", "<", "?who"),
    *("\\u0022 }", "<x:y> } #", "id:iran } DELETE WHERE { ?s ?p ?o", "x" * 60_000),
]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value[:12]))
@pytest.mark.parametrize("path", ["taking-part?who=", "names-of.ttl?of=", "literals?said="])
def test_hostile_values_change_nothing(own: TestClient, path: str, value: str) -> None:
    before = own.get("/version").json()["data"]
    response = own.get(f"/queries/{path}{quote(value)}")
    assert response.status_code in ((200, 422) if path.startswith("literals") else (422,))
    assert len(response.content) < 100_000
    if response.status_code == 200:
        (row,) = rows(response)
        assert row["said"] == value.strip()
    page = own.get(
        f"/queries/{path.replace('.ttl', '')}{quote(value)}", headers={"accept": BROWSER}
    )
    assert page.status_code == response.status_code
    assert own.get("/version").json()["data"] == before
    assert own.get("/queries/is-it?who=iran").json()["rows"] == [{"answer": True}]


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(value=st.text(max_size=40), name=st.sampled_from(["who", "in", "limit", "lang", "x"]))
def test_any_argument_is_answered(own: TestClient, value: str, name: str) -> None:
    encoded = quote(value, errors="surrogatepass")
    response = own.get(f"/queries/taking-part.csv?who=iran&{name}={encoded}")
    assert response.status_code in (200, 400, 422)


def test_the_page_of_a_query(own: TestClient) -> None:
    page = own.get("/queries/taking-part?who=iran", headers={"accept": BROWSER})
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<q>Iran and Russia meet in the River format</q> <small>sentence 2</small>" in page.text
    assert '<a href="/page/iran">Iran</a>' in page.text
    assert '<option value="iran">Iran</option>' in page.text
    assert 'href="/queries/taking-part.csv?who=iran"' in page.text
    assert f"VALUES ?who {{ &lt;{ID}iran&gt; }}" in page.text
    assert '<th scope="col">sentence</th>' not in page.text  # it stands beneath the words


def test_the_page_says_how_it_is_sorted_and_filtered(own: TestClient) -> None:
    given = "who=iran&filter=words:format&sort=asc(record)"
    text = own.get(f"/queries/taking-part?{given}", headers={"accept": BROWSER}).text
    assert "<code>filter=words:format</code>" in text
    assert '<a href="/queries/taking-part?who=iran">all rows</a>' in text
    (again,) = re.findall(
        r'aria-sort="ascending"><a rel="nofollow" href="([^"]*)"', text.replace("&amp;", "&")
    )
    assert "sort=desc%28record%29" in again
    assert 'aria-sort="descending"' in own.get(again, headers={"accept": BROWSER}).text
    for address in re.findall(r'href="(/queries/taking-part[^"]*)"', text):
        assert own.get(address.replace("&amp;", "&")).status_code == 200, address


def test_the_page_without_arguments_shows_the_example(own: TestClient) -> None:
    page = own.get("/queries/taking-part", headers={"accept": BROWSER})
    assert 'value="iran"' in page.text
    assert "1 row" in page.text


def test_the_page_says_what_is_wrong_where_it_is(own: TestClient) -> None:
    page = own.get("/queries/taking-part?who=Irann&in=x", headers={"accept": BROWSER})
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text
    assert "Did you mean Iran (id:iran)" in page.text
    assert 'value="Irann"' in page.text
    stray = own.get("/queries/taking-part?who=iran&whom=1", headers={"accept": BROWSER})
    assert stray.status_code == 422
    assert "taking-part has no parameter whom" in stray.text


@pytest.mark.parametrize(
    "path", ["/queries.html", "/queries/taking-part.html", "/queries/is-it.html"]
)
def test_the_pages_are_sound(own: TestClient, path: str) -> None:
    need_libraries()
    text = own.get(path).text
    assert text.count("<h1>") == 1
    assert (
        re.findall(r"<script(?! type=\"module\" src=\"/static/parts/[a-z]+.js\"></script>)", text)
        == []
    )
    ids = re.findall(r' id="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'<label[^>]* for="([^"]*)"', text)) == set(
        re.findall(r'<input id="([^"]*)"', text)
    )
    for address in re.findall(r'href="(/[^"]*)"', text):
        found = own.get(address.replace("&amp;", "&"), headers={"accept": "text/html,*/*;q=0.1"})
        assert found.status_code in (200, 303), address


def test_a_hundred_thousand_characters(
    store: EmbeddedStore, serve: Callable[[FastAPI], int]
) -> None:
    """More than the client of the other tests sends, and than the server reads."""
    port = serve(create_app(store, Settings(store="memory", queries=(QUERIES,))))
    for path in ("taking-part?who=", "literals?said="):
        with closing(HTTPConnection("127.0.0.1", port)) as connection:
            connection.request("GET", f"/queries/{path}{'x' * 100_000}")
            response = connection.getresponse()
            assert response.status in (400, 414, 422)
            assert len(response.read()) < 1000


def test_head(own: TestClient) -> None:
    response = own.head("/queries/taking-part.csv?who=iran")
    assert response.status_code == 200
    assert response.headers["comity-complete"] == "true"
    assert own.head("/queries").status_code == 200


def test_a_proxy_in_front(store: EmbeddedStore) -> None:
    base = "https://graph.example/comity"
    settings = Settings(store="memory", bundled=False, queries=(QUERIES,), base=base)
    client = TestClient(create_app(store, settings))
    assert (
        client.get("/queries/things?limit=1").json()["next"].startswith(f"{base}/queries/things?")
    )
    assert (
        'href="/comity/queries/taking-part.csv?who=iran"'
        in client.get("/queries/taking-part.html?who=iran").text
    )


def test_no_documents_differ_by_request(own: TestClient) -> None:
    assert own.get("/openapi.json").json() == own.get("/openapi.json").json()
    assert json.loads(own.get("/openapi.json").text)["openapi"].startswith("3.1")


def test_the_folders_of_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "more"
    other.mkdir()
    (other / "more.rq").write_text("#+ summary: More\nASK {}")
    monkeypatch.setenv("COMITY_QUERIES", f"{QUERIES}{os.pathsep}{other}")
    found = read_settings()
    assert found.queries == (QUERIES, other)
    monkeypatch.setenv("COMITY_QUERIES", str(tmp_path / "nowhere"))
    with pytest.raises(UsageError, match="there is no folder"):
        read_settings()


@pytest.mark.parametrize("option", ["around=iran", "hops=2", "multi=merge", "flavor=yed"])
@pytest.mark.parametrize("suffix", ["json", "csv", "srj", "xlsx"])
def test_what_narrows_a_network_is_refused_of_a_table(
    own: TestClient, option: str, suffix: str
) -> None:
    """A table of everything would pass for what lies around Iran."""
    refused = own.get(f"/queries/taking-part.{suffix}?who=iran&{option}")
    assert (refused.status_code, refused.json()["parameter"]) == (422, option.partition("=")[0])
    assert own.get("/queries/taking-part.gexf?who=iran&around=iran").status_code == 200
    defaults = "who=iran&hops=1&multi=keep&flavor=plain"  # as clients send them that a program made
    assert own.get(f"/queries/taking-part.{suffix}?{defaults}").status_code == 200
