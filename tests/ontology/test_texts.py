"""Other texts fit the model: four made-up ones, coded whole, clean by the checks, and asked ten questions each."""

import re

import pyoxigraph as ox
import pytest
from coded_text import NAMES, TEXTS, derived, read_text

from comity.graph.catalogue.front_matter import QueryFile, read_query
from comity.graph.checks.hygiene import check_hygiene
from comity.graph.checks.owl import check_owl
from comity.graph.checks.questions import ask, difference
from comity.graph.checks.shapes import check_shapes
from comity.graph.checks.sources import check_coverage, check_quotations
from comity.graph.installed import ontology_folder
from comity.graph.rdf.namespaces import COMITY, PREFIXES, SOURCE
from comity.graph.reasoning.materialisation import derive

QUESTIONS = [
    pytest.param(name, read_query(file), id=f"{name}-{file.stem}")
    for name in NAMES
    for file in sorted(TEXTS.joinpath(name, "questions").glob("*.rq"))
]
# What is said of the ontology as a whole, and not of one text; and how much of a text may be quoted,
# which is for the texts of others.
ELSEWHERE = {"unused-term", "half-of-the-words"}


@pytest.mark.parametrize("name", NAMES)
def test_a_text_is_clean(name: str) -> None:
    material = read_text(name)
    checks = (check_hygiene, check_shapes, check_quotations, check_coverage)
    found = [finding for check in checks for finding in check(material)]
    assert [f for f in found if f.rule not in ELSEWHERE and f.severity != "skipped"] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_text_contradicts_nothing(name: str) -> None:
    assert [f for f in check_owl(read_text(name)) if f.severity == "error"] == []


def test_each_text_is_asked_ten_questions() -> None:
    counts = {n: len(list(TEXTS.joinpath(n, "questions").glob("*.rq"))) for n in NAMES}
    assert counts == dict.fromkeys(
        ("council-vote", "joint-communique", "press-statement", "ratification-news"), 10
    )


@pytest.mark.parametrize(("name", "question"), QUESTIONS)
def test_a_question_is_answered(name: str, question: QueryFile) -> None:
    assert difference(question, ask(derived(name), question, source=name)) == ""


@pytest.mark.parametrize(("name", "question"), QUESTIONS)
def test_an_answer_rests_on_the_text(name: str, question: QueryFile) -> None:
    if question.expected is not None and not question.expected.rows:
        pytest.skip("nothing is the right answer")
    bare = ox.Store()
    bare.extend(q for q in read_text(name).store if SOURCE + name not in str(q.subject))
    derive(bare)
    assert difference(question, ask(bare, question, source=name))


def test_what_the_article_lacks_these_texts_have() -> None:
    """A class or property whose example is not from the article is of use in one of them."""
    ontology = ox.Store()
    ontology.load(path=ontology_folder() / "comity.ttl", format=ox.RdfFormat.TURTLE)
    example = ox.NamedNode(PREFIXES["skos"] + "example")
    elsewhere = {
        quad.subject.value
        for quad in ontology.quads_for_pattern(None, example, None, None)
        if isinstance(quad.object, ox.Literal) and quad.object.value.startswith("None in the ")
        if isinstance(quad.subject, ox.NamedNode) and _is_term(ontology, quad.subject)
    }
    used = {
        f"{COMITY}{name}"
        for file in TEXTS.rglob("*.trig")
        for name in re.findall(r"comity:(\w+)", file.read_text(encoding="utf-8"))
    }
    assert elsewhere
    assert elsewhere - used == set()


def _is_term(ontology: ox.Store, node: ox.NamedNode) -> bool:
    kinds = ontology.quads_for_pattern(node, ox.NamedNode(PREFIXES["rdf"] + "type"), None, None)
    return any(str(quad.object).startswith("<" + PREFIXES["owl"]) for quad in kinds)
