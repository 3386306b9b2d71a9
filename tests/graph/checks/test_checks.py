"""Each check passes on the bundle and fails on the file that was written to fail it."""

import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from needs import need_program
from places import DATA
from rdflib.namespace import SH

from comity.graph.catalogue.front_matter import QueryFile, read_folder, read_query
from comity.graph.checks.findings import Finding, Material, read_material
from comity.graph.checks.hygiene import check_hygiene
from comity.graph.checks.leaks import check_leaks
from comity.graph.checks.mentions import matches, unmarked_names
from comity.graph.checks.owl import check_owl
from comity.graph.checks.questions import NAME, _without, ask, check_questions
from comity.graph.checks.run import CHECKS, run_checks
from comity.graph.checks.shapes import check_shapes
from comity.graph.checks.sources import check_coverage, check_quotations
from comity.graph.descriptions.sources.texts import load_source
from comity.graph.errors import ComityError
from comity.graph.installed import ontology_folder, queries_folder
from comity.graph.rdf.namespaces import SOURCE

MUST_FAIL = DATA / "must-fail"
HOPE = [ox.NamedNode(f"{SOURCE}moscow-tehran-relations#{name}") for name in ("f14.1", "c14.1")]


@pytest.fixture
def java() -> None:
    need_program("java")


def bad(check: str) -> list[Path]:
    return sorted((MUST_FAIL / check).glob("*.t*"))


def with_file(file: Path) -> Material:
    material, broken = read_material([file])
    assert not broken
    return material


def alone(file: Path) -> Material:
    """A file with the ontology, one hope, and what the bundle says of the things that it names.

    Reasoners, and shapes, need seconds for the whole bundle.
    """
    whole = with_file(file)
    apart = {"comity.ttl", "shapes.ttl", file.name}
    material = Material([each for each in whole.files if each[0].name in apart])
    named = {term for _, quads in material.files[-1:] for q in quads for term in q.triple}
    about = [quad for quad in whole.store if quad.subject in {*named, *HOPE}]
    assert about
    material.store.extend(about)
    return material


def by_name(file: Path) -> str:
    return file.stem


def rules(findings: list[Finding]) -> set[str]:
    return {finding.rule for finding in findings if finding.severity == "error"}


@pytest.mark.parametrize("check", [name for name in CHECKS if name != "owl"])
def test_the_bundle_is_clean(check: str) -> None:
    findings = [f for f in run_checks(only=[check]) if f.severity != "skipped"]
    assert findings == []


@pytest.mark.usefixtures("java")
def test_the_bundle_is_consistent_from_any_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert run_checks(only=["owl"]) == []


def test_a_syntax_error_names_file_and_line() -> None:
    (finding,) = run_checks([MUST_FAIL / "files" / "syntax.ttl"])
    assert finding.check == "files"
    assert "syntax.ttl:3:" in finding.message


def test_parsers_that_disagree_are_found() -> None:
    findings = run_checks([MUST_FAIL / "files" / "count.ttl"], only=["files"])
    assert rules(findings) == {"count"}
    assert "2 statements in pyoxigraph, 1 in rdflib" in findings[0].message


def test_every_hygiene_rule_has_a_file_that_must_fail() -> None:
    queries = {query.name for query in read_folder(queries_folder() / "checks")}
    assert queries == {file.stem for file in bad("hygiene")}


@pytest.mark.parametrize("file", bad("hygiene"), ids=by_name)
def test_hygiene_finds(file: Path) -> None:
    query = read_query(queries_folder() / "checks" / f"{file.stem}.rq")
    assert not read_material()[0].rows(query.text)
    assert with_file(file).rows(query.text)


def test_a_finding_names_rule_record_and_what_to_do() -> None:
    findings = list(check_hygiene(with_file(MUST_FAIL / "hygiene" / "thing-with-two-names.trig")))
    assert [(f.rule, f.record) for f in findings] == [("thing-with-two-names", "id:iran")]
    assert "skos:altLabel" in findings[0].message


def test_a_finding_on_a_record_names_its_passage() -> None:
    file = MUST_FAIL / "hygiene" / "ill-typed-literal.trig"
    found = [f for f in check_hygiene(with_file(file)) if f.rule == "ill-typed-literal"]
    assert {f.passage for f in found} == {"source:moscow-tehran-relations#s36"}


# Files that hold several faults of one rule, and sound records beside them.
FAULTS = {
    "unknown-record": {"on-unknown", "by-unknown", "after-unknown"},
    "correction-in-a-circle": {"self", "a", "b", "c", "n5"},
    "order-in-a-circle": {"self", "a", "b", "c"},
    "order-against-dates": {"after", "supersedes", "before", "too-late"},
    "end-before-beginning": {"end-told", "start-told", "both-told"},
    "thing-not-mentioned": {"no-context", "another-state"},
    "time-out-of-order": {
        *("latest-first", "end-first", "end-at-once", "latest-before-start"),
        *("end-before-earliest", "content-latest-first"),
    },
}


@pytest.mark.parametrize("rule", FAULTS)
def test_each_fault_is_named_and_nothing_sound(rule: str) -> None:
    found = list(check_hygiene(with_file(MUST_FAIL / "hygiene" / f"{rule}.trig")))
    records = {finding.record for finding in found if finding.rule == rule}
    assert records == {f"source:example#{name}" for name in FAULTS[rule]}


@pytest.mark.usefixtures("java")
@pytest.mark.parametrize("file", bad("owl"), ids=by_name)
def test_the_reasoner_finds(file: Path) -> None:
    assert rules(list(check_owl(alone(file)))) == {file.stem.partition("-")[0]}


def test_without_java_the_check_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (finding,) = run_checks(only=["owl"])
    assert finding.severity == "skipped"
    assert "apt-get install" in finding.message


def shapes_that_report() -> set[str]:
    """The shapes with a target and a constraint of their own, and the properties they look at."""
    shapes = rdflib.Graph().parse(ontology_folder() / "shapes.ttl")
    no_constraint = {rdflib.RDF.type, SH.targetClass, SH.property, SH.severity, SH.message}
    found: set[object] = set()
    for shape in shapes.subjects(SH.targetClass):
        found.update(shapes.objects(shape, SH.property))
        if set(shapes.predicates(shape)) - no_constraint:
            found.add(shape)
    assert found == set(shapes.subjects(SH.message))
    return {str(shape).rpartition("#")[2] for shape in found}


@pytest.fixture(scope="module")
def shape_findings() -> list[Finding]:
    """What the shapes find in all their files at once: one run of pySHACL takes seconds."""
    material, broken = read_material(bad("shapes"))
    assert not broken
    return list(check_shapes(material))


def test_every_shape_has_a_file_that_must_fail() -> None:
    assert shapes_that_report() == {file.stem for file in bad("shapes")}


@pytest.mark.parametrize("file", bad("shapes"), ids=by_name)
def test_a_shape_finds_its_own_fault_and_no_other(
    file: Path, shape_findings: list[Finding]
) -> None:
    own = {f"source:example#{file.stem}", f"id:example-{file.stem}"}
    findings = [finding for finding in shape_findings if finding.record in own]
    assert {finding.rule for finding in findings} == {file.stem}
    assert all(finding.message for finding in findings)


@pytest.mark.parametrize("folder", sorted((MUST_FAIL / "sources").iterdir()), ids=by_name)
def test_quotations_and_coverage_find(folder: Path, tmp_path: Path) -> None:
    shutil.copy(DATA / "tiny.txt", tmp_path)
    material, _ = read_material([folder / "tiny" / "source.trig"], tmp_path)
    material.sources = folder
    found = [*check_quotations(material), *check_coverage(material)]
    assert folder.name in rules(found)


def test_a_sound_source_passes(tmp_path: Path) -> None:
    shutil.copy(DATA / "tiny.txt", tmp_path)
    material, _ = read_material([DATA / "sources" / "tiny" / "source.trig"], tmp_path)
    material.sources = DATA / "sources"
    assert [*check_quotations(material), *check_coverage(material)] == []


@pytest.mark.parametrize(("end", "found"), [(117, set()), (120, {"half-of-the-words"})])
def test_words_that_quotations_share_are_counted_once(
    tmp_path: Path, end: int, found: set[str]
) -> None:
    """Twenty-one of 43 words may be kept, by however many quotations; not one more."""
    shutil.copytree(DATA / "sources", tmp_path / "sources")
    shutil.copy(DATA / "tiny.txt", tmp_path)
    text = (DATA / "tiny.txt").read_text()
    file = tmp_path / "sources" / "tiny" / "source.trig"
    runs = [(49, 58), (52, 85), (63, 101), (90, end)]
    said = "".join(
        f"  :f02.1 comity:evidence :q02.{n} . :q02.{n} a comity:Quotation ; comity:passage :s02 ; "
        f'comity:words "{text[start:stop]}" ; '
        f"comity:startOffset {start} ; comity:endOffset {stop} .\n"
        for n, (start, stop) in enumerate(runs, start=2)
    )
    file.write_text(file.read_text().removesuffix("}\n") + said + "}\n")
    material, _ = read_material([file], tmp_path)
    material.sources = tmp_path / "sources"
    assert rules([*check_quotations(material), *check_coverage(material)]) == found


@pytest.mark.parametrize(
    ("attached", "names"), [(False, ["Beta"]), (True, ["Beta", "city of Gamma"])]
)
def test_names_are_sought_in_the_text_or_else_in_the_quotations(
    tmp_path: Path, attached: bool, names: list[str]
) -> None:
    if attached:
        shutil.copy(DATA / "tiny.txt", tmp_path)
    folder = MUST_FAIL / "sources" / "name-without-mention"
    material, _ = read_material([folder / "tiny" / "source.trig"], tmp_path)
    found = unmarked_names(material, load_source("tiny", folder))
    assert [(f.message.split("'")[1], f.passage) for f in found] == [
        (name, "source:tiny#s01") for name in names
    ]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("Prime minister", "the Prime Minister of", ["Prime Minister"]),
        ("HOPE", "hope is no HOPE", ["HOPE"]),
        ("Iran", "Iranian, and Iran's", ["Iran"]),
        ("nuclear deal", "a Nuclear deal, the nuclear deal", ["Nuclear deal", "nuclear deal"]),
    ],
)
def test_a_name_is_whole_words_and_has_its_capitals(name: str, text: str, found: list[str]) -> None:
    assert [match[0] for match in matches(name, text)] == found


def test_a_text_that_is_not_the_source_is_found(tmp_path: Path) -> None:
    (tmp_path / "tiny.txt").write_text("Another text.")
    material, _ = read_material([DATA / "sources" / "tiny" / "source.trig"], tmp_path)
    material.sources = DATA / "sources"
    assert rules(list(check_quotations(material))) == {"text"}


@pytest.mark.parametrize("file", bad("leaks"), ids=by_name)
def test_leaks_are_found(file: Path) -> None:
    expected = {"inferred-triple": "plain-triple"}.get(file.stem, file.stem)
    assert expected in rules(list(check_leaks(alone(file))))


def test_an_answer_that_changed_is_found() -> None:
    findings = list(check_questions(with_file(MUST_FAIL / "questions" / "answer.trig")))
    assert "q04-answer" in rules(findings)
    assert "not expected: id:germany | #f24.3" in " ".join(f.message for f in findings)


def questions(silent: bool) -> list[str]:
    found = read_folder(queries_folder() / "questions")
    return [q.name for q in found if bool(q.first("silent")) == silent]


def test_all_thirty_questions_are_there() -> None:
    assert len(questions(True) + questions(False)) == 30


def test_only_an_absence_has_no_evidence() -> None:
    found = read_folder(queries_folder() / "questions")
    assert found
    for question in found:
        assert bool(question.first("evidence")) != bool(question.first("silent")), question.name
        assert question.expected, question.name
        assert bool(question.expected.rows) != bool(question.first("silent")), question.name


def absences() -> list[QueryFile]:
    """The queries whose right answer is an empty one."""
    found = read_folder(queries_folder()) + read_folder(queries_folder() / "questions")
    return [query for query in found if query.expected and not query.expected.rows]


@pytest.mark.parametrize("query", absences(), ids=lambda query: query.name)
def test_an_absence_ends_with_its_control(query: QueryFile) -> None:
    assert not ask(read_material()[0].derived, query)
    assert ask(with_file(MUST_FAIL / "questions" / f"{query.name}-control.trig").derived, query)


def test_each_query_has_an_answer_and_what_it_rests_on() -> None:
    queries = read_folder(queries_folder())
    assert len(queries) > 20
    for query in queries:
        assert query.expected, query.name
        assert bool(query.first("evidence")) != bool(query.first("silent")), query.name


def test_without_its_record_the_answer_changes() -> None:
    store = read_material()[0].derived
    (question,) = [q for q in read_folder(queries_folder() / "questions") if q.name == "q04"]
    assert len(ask(store, question)) == 3
    assert not ask(_without(store, "f24.3"), question)
    assert NAME in question.text


def test_an_unknown_check_is_refused() -> None:
    with pytest.raises(ComityError, match="no check is called hygeine"):
        run_checks(only=["hygeine"])


def test_an_ill_typed_date_is_a_finding_and_no_crash() -> None:
    material = alone(MUST_FAIL / "hygiene" / "ill-typed-literal.trig")
    assert "ill-typed-literal" in rules(list(check_hygiene(material)))
    assert "not-comparable" in rules(list(check_shapes(material)))
