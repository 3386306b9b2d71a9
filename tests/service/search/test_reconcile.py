"""Reconciliation of names with identifiers, by the requests that OpenRefine sends."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.service.app import create_app
from comity.service.settings import Settings

# As they stand in people's tables: six languages and more, short and official, misspelt, as codes.
STATES = {
    "Iran": "iran",
    "Iran (Islamic Republic of)": "iran",
    "Исламская Республика Иран": "iran",
    "ایران": "iran",
    "伊朗伊斯兰共和国": "iran",
    "Russia": "russia",
    "Fédération de Russie": "russia",
    "Российская Федерация": "russia",
    "俄罗斯联邦": "russia",
    "RUS": "russia",
    "USA": "united-states",
    "United States of America": "united-states",
    "Estados Unidos de América": "united-states",
    "United Sates": "united-states",
    "Germany": "germany",
    "Allemagne": "germany",
    "Alemania": "germany",
    "ألمانيا": "germany",
    "Federal Republic of Germany": "germany",
    "France": "france",
    "Francia": "france",
    "法国": "france",
    "République française": "france",
    "Turkey": "turkey",
    "Türkiye": "turkey",
    "Turquía": "turkey",
    "Namibia": "namibia",
    "NA": "namibia",
    "Намибия": "namibia",
    "Cote d'Ivoire": "cote-d-ivoire",
    "Costa de Marfil": "cote-d-ivoire",
    "Suisse": "switzerland",
    "Switzerland": "switzerland",
    "Brasil": "brazil",
    "Brazil": "brazil",
    "South Africa": "south-africa",
    "Sudáfrica": "south-africa",
    "Viet Nam": "vietnam",
    "Япония": "japan",
    "Japan": "japan",
    "日本": "japan",
    "Kazakstan": "kazakhstan",
    "Казахстан": "kazakhstan",
    "Egypt, Arab Republic": "egypt",
    "مصر": "egypt",
    "Republic of Korea": "south-korea",
    "Syrian Arab Republic": "syria",
    "Syrie": "syria",
    "Saudi-Arabia": "saudi-arabia",
    "Democratic Republic of the Congo": "democratic-republic-of-the-congo",
}


@pytest.fixture(scope="module")
def client(article: EmbeddedStore) -> TestClient:
    return TestClient(create_app(article, Settings(store="memory")), follow_redirects=False)


def ask(client: TestClient, queries: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    answer = client.post("/reconcile", data={"queries": json.dumps(queries)})
    assert answer.status_code == 200, answer.text
    return {key: found["result"] for key, found in answer.json().items()}


def test_fifty_names_of_states(client: TestClient) -> None:
    assert len(STATES) == 50
    names = list(STATES)
    asked = {f"q{at}": {"query": name, "type": "state"} for at, name in enumerate(names)}
    found = ask(client, asked)
    best = {name: (found[f"q{at}"] or [{"id": None}])[0]["id"] for at, name in enumerate(names)}
    missed = {name: id for name, id in best.items() if id != STATES[name]}
    assert len(missed) <= 2, missed
    wrong = [
        candidate["id"]
        for at, name in enumerate(names)
        for candidate in found[f"q{at}"]
        if candidate["match"] and candidate["id"] != STATES[name]
    ]
    assert wrong == []


def test_the_manifest(client: TestClient) -> None:
    answer = client.get("/reconcile")
    assert answer.headers["access-control-allow-origin"] == "*"
    manifest = answer.json()
    assert "0.2" in manifest["versions"]
    assert manifest["identifierSpace"] == "https://w3id.org/comity/id/"
    view = manifest["view"]["url"].replace("{{id}}", "iran")
    assert client.get(view, headers={"accept": "text/html"}).status_code == 303
    preview = client.get(manifest["preview"]["url"].replace("{{id}}", "iran"))
    assert (
        "Iran" in preview.text and "frame-ancestors *" in preview.headers["content-security-policy"]
    )
    for what, found in manifest["suggest"].items():
        path = found["service_path"]
        result = client.get(path, params={"prefix": "" if what == "property" else "sta"}).json()
        assert result["result"] and {"id", "name"} <= set(result["result"][0])
    path = manifest["extend"]["propose_properties"]["service_path"]
    for type in ("state", "https://w3id.org/comity/ontology#State"):
        proposed = client.get(path, params={"type": type}).json()["properties"]
        assert "isoAlpha3" in {each["id"] for each in proposed}


def test_candidates(client: TestClient) -> None:
    (first, *others) = ask(client, {"q0": {"query": "Iran", "limit": 3, "type_strict": "should"}})[
        "q0"
    ]
    assert len(others) <= 2
    assert (first["id"], first["name"], first["match"], first["score"]) == (
        "iran",
        "Iran",
        True,
        100,
    )
    assert first["type"] == [{"id": "state", "name": "state"}]
    found = ask(client, {"q0": {"query": "Rep. of Iran", "type": ["state", "person"]}})["q0"]
    assert found[0]["id"] == "iran" and not found[0]["match"]
    assert ask(client, {"q0": {"query": "Iran", "type": "Person"}})["q0"] == []
    assert ask(client, {}) == {}


def test_properties_decide(client: TestClient) -> None:
    query = {"query": "Republic of Korea", "type": "state"}
    properties = [{"pid": "isoAlpha3", "v": "PRK"}]
    plain = ask(client, {"q": query})["q"]
    led = ask(client, {"q": query | {"properties": properties}})["q"]
    scores = {each["id"]: each["score"] for each in led}
    before = {each["id"]: each["score"] for each in plain}
    assert scores["north-korea"] > before["north-korea"]
    assert scores["south-korea"] < before["south-korea"]


def test_extending_a_table(client: TestClient) -> None:
    extend = {
        "ids": ["iran", "namibia", "nowhere"],
        "properties": [{"id": "isoAlpha2"}, {"id": "type"}],
    }
    found = client.post("/reconcile", data={"extend": json.dumps(extend)}).json()
    assert [each["id"] for each in found["meta"]] == ["isoAlpha2", "type"]
    assert found["rows"]["namibia"]["isoAlpha2"] == [{"str": "NA"}]
    assert found["rows"]["nowhere"] == {"isoAlpha2": [], "type": []}
    assert found["rows"]["iran"]["type"][0]["name"] == "state"


def test_by_get_and_as_a_script(client: TestClient) -> None:
    queries = json.dumps({"q0": {"query": "Iran"}})
    assert client.get("/reconcile", params={"queries": queries}).json()["q0"]["result"]
    answer = client.get("/reconcile", params={"callback": "jQuery1_2"})
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.text.startswith("/**/jQuery1_2({") and answer.text.endswith(");")


@pytest.mark.parametrize(
    ("data", "parameter"),
    [
        ({"queries": "no json"}, "queries"),
        ({"queries": "[1]"}, "queries"),
        ({"queries": "[" * 100_000}, "queries"),
        ({"queries": '{"q": {"query": 1}}'}, "queries"),
        ({"queries": '{"q": {"query": "x", "limit": "many"}}'}, "queries"),
        ({"queries": '{"q": {"query": "x", "type": {}}}'}, "queries"),
        ({"queries": json.dumps({f"q{n}": {"query": "x"} for n in range(101)})}, "queries"),
        ({"extend": '{"ids": "iran"}'}, "extend"),
        ({"extend": '{"ids": [1], "properties": []}'}, "extend"),
        ({"extend": '{"ids": ["iran"], "properties": [{"id": "mass"}]}'}, "extend"),
        ({"extend": '{"ids": ["a b"], "properties": []}'}, "id"),
        ({"callback": "alert(1)"}, "callback"),
    ],
)
def test_wrong_requests(client: TestClient, data: dict[str, str], parameter: str) -> None:
    answer = client.post("/reconcile", data=data)
    assert (answer.status_code, answer.json()["parameter"]) == (422, parameter)


def test_what_is_not_there(client: TestClient) -> None:
    assert client.get("/reconcile/suggest/moon?prefix=x").status_code == 404
    assert client.get("/reconcile/preview?id=nowhere").status_code == 404
    assert (
        client.post(
            "/reconcile", content=b"{}", headers={"content-type": "application/json"}
        ).status_code
        == 415
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["query", "type", "limit", "properties", "pid", "v", "ids", "id", "q0"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.sampled_from(["queries", "extend"]), JSON)
@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_else_is_answered_or_refused(client: TestClient, name: str, value: object) -> None:
    answer = client.post("/reconcile", data={name: json.dumps(value)})
    assert answer.status_code in (200, 422), answer.text
