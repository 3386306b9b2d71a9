"""From what a person calls a thing to the thing, and literals from what a person writes."""

import asyncio
import csv
from collections.abc import Iterator
from contextlib import closing
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import DATA
from pyoxigraph import Literal, NamedNode

from comity.graph.catalogue.arguments import resolve
from comity.graph.catalogue.names import Names
from comity.graph.catalogue.parameter_types import literal, plain
from comity.graph.catalogue.queries import load_catalogue
from comity.graph.descriptions.labels import Labels, best
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.errors import ParameterError
from comity.graph.rdf.namespaces import COMITY, ID, SOURCE
from comity.graph.rdf.terms import shorten
from comity.graph.search.folding import fold
from comity.graph.search.name_index import NameIndex
from comity.graph.store.solutions import Cell, Row, solve

with (DATA / "names.tsv").open(encoding="utf-8", newline="") as file:
    ROWS = [tuple(row.values()) for row in csv.DictReader(file, delimiter="\t")]
XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.fixture(scope="module")
def bundle() -> Iterator[EmbeddedStore]:
    with closing(open_embedded("memory")) as store:
        yield store


@pytest.fixture(scope="module")
def names(bundle: EmbeddedStore) -> Names:
    return Names(partial(solve, bundle), lambda: bundle.version)


def find(names: Names, type: str, value: str, **prefixes: str) -> str:
    return asyncio.run(names.resolve("x", type, value, prefixes))


@pytest.mark.parametrize(
    ("type", "value", "expected"),
    [
        ("state", "iran", ID + "iran"),
        ("state", "Iran", ID + "iran"),
        ("state", "IRAN", ID + "iran"),
        ("state", "Иран", ID + "iran"),
        ("state", "иран", ID + "iran"),
        ("state", "ایران", ID + "iran"),
        ("state", "ايران", ID + "iran"),  # typed with the Arabic yeh
        ("state", "IRN", ID + "iran"),
        ("state", "ir", ID + "iran"),
        ("state", "364", ID + "iran"),
        ("state", "031", ID + "azerbaijan"),
        ("state", "Islamic Republic of Iran", ID + "iran"),
        ("state", "id:iran", ID + "iran"),
        ("state", ID + "iran", ID + "iran"),
        ("state", f"<{ID}iran>", ID + "iran"),
        ("state", "saudi  arabia", ID + "saudi-arabia"),
        ("state", "Соединенные Штаты", ID + "united-states"),  # without the dots of ё
        ("agent", "Iran", ID + "iran"),  # of a subclass
        ("format", "Astana format", ID + "astana-format"),
        ("agreement", "JCPOA", ID + "jcpoa"),
        ("thing", "JCPOA", ID + "jcpoa"),
        ("stance", "opposed", COMITY + "opposed"),
        ("stance", "opposes", COMITY + "opposed"),
        ("stance", "comity:opposed", COMITY + "opposed"),
        ("modality", "hoped", COMITY + "hoped"),
        ("role", "chair", COMITY + "chair"),
        ("term", "Meeting", COMITY + "Meeting"),
        ("source", "moscow-tehran-relations", SOURCE + "moscow-tehran-relations"),
        ("record", "f39.1", SOURCE + "moscow-tehran-relations#f39.1"),
        ("record", "#f39.1", SOURCE + "moscow-tehran-relations#f39.1"),
        ("record", "moscow-tehran-relations#f39.1", SOURCE + "moscow-tehran-relations#f39.1"),
        (
            "record",
            "source:moscow-tehran-relations#f39.1",
            SOURCE + "moscow-tehran-relations#f39.1",
        ),
    ],
)
def test_a_thing_is_found(names: Names, type: str, value: str, expected: str) -> None:
    assert find(names, type, value) == expected


def test_prefixes_of_the_query_count(names: Names) -> None:
    assert find(names, "state", "c:iran", c=ID) == ID + "iran"


@pytest.mark.parametrize(
    ("type", "value", "hint"),
    [
        ("state", "Irann", "id:iran"),
        ("state", "Ирран", "id:iran"),
        ("state", "IRQN", "id:iraq"),
        ("state", "Saudiarabia", "id:saudi-arabia"),
        ("state", "id:irann", "id:iran"),
        ("person", "Zari", "id:mohammad-javad-zarif"),
        ("person", "Mohamad Zareef", "id:mohammad-javad-zarif"),
        ("stance", "oposed", "comity:opposed"),
        ("state", "jcpoa", "There are"),  # of another class
        ("state", "id:nowhere", ""),
        ("status", "zzzzzz", "There are desired"),
        ("record", "f99.9", "Records are like"),
        ("record", 'a"} ; DROP ALL', "Records are like"),
        ("state", "x" * 499, "There are"),
        ("state", "x" * 100_000, ""),
    ],
)
def test_near_misses(names: Names, type: str, value: str, hint: str) -> None:
    with pytest.raises(ParameterError) as caught:
        find(names, type, value)
    assert caught.value.parameter == "x"
    assert hint in (caught.value.hint or "")
    assert len(str(caught.value)) < 200
    assert (caught.value.hint or "").count("(") <= 6


@pytest.mark.parametrize(
    ("type", "value", "first"),
    [
        ("agent", "Sergei Viktorovich Lavrov", ["sergey-lavrov"]),
        ("agent", "Foreign Minister Zarif", ["foreign-minister-of-iran"]),  # two words, not one
        ("agent", "Rohani", ["hassan-rouhani", "romania"]),
        ("state", "South Afrika", ["south-africa", "south-korea"]),
        ("state", "Россией", ["russia"]),
    ],
)
def test_near_misses_are_ranked_by_words_then_by_letters(
    names: Names, type: str, value: str, first: list[str]
) -> None:
    index = asyncio.run(names.index(type))
    assert [thing.slug for thing in index.near(value)][: len(first)] == first


def test_a_shared_word_counts_more_than_similar_letters() -> None:
    rows = [row(ID + "lavrov", LABEL, "Sergei Lavrov"), row(ID + "ivanov", LABEL, "Sergey Ivanov")]
    near = NameIndex(rows).near("Sergey Lavrof")
    assert [thing.slug for thing in near] == ["ivanov", "lavrov"]
    assert NameIndex(rows).near("Lavrof")[0].slug == "lavrov"


def test_a_name_is_like_no_code(names: Names) -> None:
    assert asyncio.run(names.index("state")).near("Zarif") == []  # nor is it ZAF


@pytest.mark.parametrize(("name", "type", "expected"), ROWS)
def test_names_that_people_ask_for(names: Names, name: str, type: str, expected: str) -> None:
    try:
        found = shorten(find(names, type, name))
    except ParameterError as error:
        found = "ambiguous" if "may mean" in str(error) else "unknown"
        assert error.hint
    assert found == expected


def test_candidates_are_listed_by_class(names: Names) -> None:
    with pytest.raises(ParameterError, match="may mean 2 things") as caught:
        find(names, "thing", "Hormuz")
    assert caught.value.hint == (
        "Give the identifier of one: format: Hormuz Peace Initiative (id:hormuz-peace-initiative); "
        "place: Strait of Hormuz (id:strait-of-hormuz)"
    )
    with pytest.raises(ParameterError, match="may mean 126 things") as caught:
        find(names, "state", "Republic")
    assert str(caught.value.hint).startswith("Give the identifier of one: state: Afghanistan (id:")
    assert str(caught.value.hint).endswith("(id:belarus) and 116 more")


def row(iri: str, property: str, name: str, language: str = "en") -> Row:
    term: Cell = {"type": "literal", "value": name, "xml:lang": language}
    return {
        "thing": {"type": "uri", "value": iri},
        "property": {"type": "uri", "value": property},
        "name": term,
    }


LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
OTHER = "http://www.w3.org/2004/02/skos/core#altLabel"


def test_an_ambiguous_name_lists_the_candidates(empty: EmbeddedStore) -> None:
    names = Names(partial(solve, empty), lambda: empty.version)
    congos = " ".join(f'<{ID}congo-{n}> a <{COMITY}State> ; <{LABEL}> "Congo" .' for n in (1, 2))
    with empty.writing() as engine:
        engine.update(f"INSERT DATA {{ GRAPH <x:g> {{ {congos} }} }}")
    with pytest.raises(ParameterError) as caught:
        find(names, "state", "congo")
    assert "2 things" in str(caught.value)
    assert "id:congo-1" in str(caught.value.hint)
    assert "id:congo-2" in str(caught.value.hint)
    assert find(names, "state", "congo-2") == ID + "congo-2"


def test_a_label_beats_another_name() -> None:
    index = NameIndex([row(ID + "a", OTHER, "Georgia"), row(ID + "b", LABEL, "Georgia")])
    assert index.named("GEORGIA") == [ID + "b"]


def test_whole_names_beat_runs_of_words_and_those_beat_scattered_words() -> None:
    named = {
        "whole": "the Gulf peace",
        "run": "plan for peace in the Gulf",
        "apart": "plan of a lasting Gulf and its peace",
    }
    index = NameIndex([row(ID + slug, LABEL, name) for slug, name in named.items()])
    assert index.containing("peace of the Gulf") == [ID + "whole"]
    assert index.containing("plan for peace") == [ID + "run"]
    assert index.containing("plan gulf") == [ID + "run", ID + "apart"]
    assert index.containing("peace, lasting") == [ID + "apart"]
    assert index.containing("Gul") == index.containing("of the") == index.containing("") == []


def test_names_follow_the_data(empty: EmbeddedStore) -> None:
    names = Names(partial(solve, empty), lambda: empty.version)
    with pytest.raises(ParameterError, match="no state"):
        find(names, "state", "iran")
    with empty.writing() as engine:
        engine.update(f"INSERT DATA {{ GRAPH <x:g> {{ <{ID}iran> a <{COMITY}State> }} }}")
    assert find(names, "state", "iran") == ID + "iran"


@given(st.text(max_size=60))
def test_folding_settles(name: str) -> None:
    assert fold(fold(name)) == fold(name)


@given(value=st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_any_value_is_a_thing_or_an_error(names: Names, value: str) -> None:
    for type in ("state", "record", "term"):
        try:
            find(names, type, value)
        except ParameterError as error:
            assert error.parameter == "x"


@pytest.mark.parametrize(
    ("type", "value", "expected"),
    [
        ("date", "2021-02-22", "2021-02-22T00:00:00Z"),
        ("date", "2021-02", "2021-02-01T00:00:00Z"),
        ("date", "2021", "2021-01-01T00:00:00Z"),
        ("date-end", "2021-02-22", "2021-02-22T23:59:59Z"),
        ("date-end", "2021-02", "2021-02-28T23:59:59Z"),
        ("date-end", "2020-02", "2020-02-29T23:59:59Z"),
        ("date-end", "2021", "2021-12-31T23:59:59Z"),
        ("date", "2021-02-22T10:00:00Z", "2021-02-22T10:00:00Z"),
        ("date", "2021-02-22T10:00:00+03:30", "2021-02-22T06:30:00Z"),
    ],
)
def test_dates(type: str, value: str, expected: str) -> None:
    assert literal("x", type, value) == Literal(expected, datatype=NamedNode(XSD + "dateTime"))


@pytest.mark.parametrize("type", ["date", "date-end"])
@pytest.mark.parametrize(
    "value",
    [
        *("yesterday", "2021-13", "2021-02-30", "0000", "0000-12", "22.02.2021", "2021-2-2"),
        *("2021-00", "2021-01-00", "٢٠٢١", "2021-02-22T25:00:00Z", "0001-01-01T00:00:00+05:00"),
        '2021-02-22"',
    ],
)
def test_what_is_no_date(type: str, value: str) -> None:
    with pytest.raises(ParameterError, match="not a date") as caught:
        literal("day", type, value)
    assert caught.value.parameter == "day"


@pytest.mark.parametrize(("value", "expected"), [("12", "12"), ("-3", "-3"), ("+07", "7")])
def test_whole_numbers(value: str, expected: str) -> None:
    assert literal("x", "integer", value) == Literal(int(expected))


@pytest.mark.parametrize("value", ["", "1.5", "1e3", "twelve", "9" * 19, "١٢", "1 }"])
def test_what_is_no_whole_number(value: str) -> None:
    with pytest.raises(ParameterError, match="not a whole number"):
        literal("x", "integer", value)


@given(st.datetimes())
def test_a_day_begins_before_it_ends(day: object) -> None:
    written = str(day)[:10]
    first, last = (literal("x", type, written).value for type in ("date", "date-end"))
    assert first[:10] == last[:10] == written
    assert first < last


def test_terms_as_a_caller_writes_them() -> None:
    assert plain(NamedNode(ID + "iran")) == "iran"
    assert plain(NamedNode(COMITY + "opposed")) == "opposed"
    assert plain(NamedNode(SOURCE + "x")) == "x"
    assert plain(NamedNode(SOURCE + "x#f1.1")) == SOURCE + "x#f1.1"
    assert plain(literal("x", "date", "2021-02")) == "2021-02-01"
    assert plain(literal("x", "date", "2021-02-22T10:00:00Z")) == "2021-02-22T10:00:00Z"
    assert plain(None) == ""


def test_arguments(names: Names) -> None:
    query = load_catalogue().queries["members-on-date"]
    found = asyncio.run(resolve(query, {"of": " JCPOA ", "day": "2020", "role": ""}, names))
    assert found == {
        "of": NamedNode(ID + "jcpoa"),
        "day": literal("day", "date", "2020"),
        "role": None,
    }
    with pytest.raises(ParameterError, match="day is missing") as caught:
        asyncio.run(resolve(query, {"of": "jcpoa", "day": "  "}, names))
    assert "such as 20" in str(caught.value.hint)
    with pytest.raises(ParameterError) as caught:
        asyncio.run(resolve(query, {"of": "jcpoa", "date": "2020"}, names))
    assert caught.value.parameter == "date"
    assert "The parameters are of, day, role" in str(caught.value.hint)


def test_labels(store: EmbeddedStore) -> None:
    names = Labels(partial(solve, store), lambda: store.version)

    async def get(language: str) -> dict[str, str]:
        iris = [ID + "iran", ID + "russia", ID + "tehran", ID + "nowhere"]
        return await names.of(iris, language)

    assert asyncio.run(get("fa")) == {
        ID + "iran": "ایران",
        ID + "russia": "Russia",
        ID + "tehran": "Tehran",
    }
    assert asyncio.run(get("ru-RU"))[ID + "russia"] == "Россия"


def test_labels_follow_the_data(empty: EmbeddedStore) -> None:
    names = Labels(partial(solve, empty), lambda: empty.version)
    assert asyncio.run(names.of([ID + "iran"])) == {}
    with empty.writing() as engine:
        engine.update(f'INSERT DATA {{ GRAPH <x:g> {{ <{ID}iran> <{LABEL}> "Iran" }} }}')
    assert asyncio.run(names.of([ID + "iran"])) == {ID + "iran": "Iran"}


def test_the_best_label_there_is() -> None:
    def cell(value: str, language: str | None) -> Cell:
        return {"type": "literal", "value": value} | ({"xml:lang": language} if language else {})

    assert best([cell("x", "de"), cell("y", "cs")], "en") == "y"
    assert best([cell("x", "de"), cell("y", None)], "en") == "y"
    assert best([cell("b", "en"), cell("a", "en")], "en") == "a"
