"""A leak planted in a query or a rule is caught by the checks of `test_truth.py`."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest
from asks import Selection, all_queries
from changed_graph import ChangedGraph
from trial import Trial, graphs, sample

from comity.graph.installed import queries_folder
from comity.graph.rdf.namespaces import SOURCE
from comity.graph.reasoning.rules import rule_files, rules_folder

ARTICLE: Final = f"{SOURCE}moscow-tehran-relations#"
# What each leak looks for, and what it puts there.
_LEAKS: Final = (
    (r"MINUS \{ [^{}]*(refutedBy|foundToBe)[^{}]*\}", ""),
    (r"comity:standing comity:toldAsFact ;", ""),
    (r";\s+comity:standing comity:toldAsFact \.", " ."),
    (r"OPTIONAL \{ \?record comity:foundToBe \?verdict \}", ""),
    (r"comity:heldBy", "comity:holder"),
    (r"comity:actingAgent", "comity:actor"),
)
Leak = tuple[str, int, int, str]  # file, start, end, what is put there


def leaks(name: str, text: str) -> Iterator[Leak]:
    """Every place of a text where one can be planted; not in the front matter."""
    for pattern, put in _LEAKS:
        for found in re.finditer(rf"(?m)^(?!#)(?:.*?)({pattern})", text):
            yield name, found.start(1), found.end(1), put


QUERIES: Final = [
    leak
    for name, query in all_queries().items()
    if "/" not in name
    for leak in leaks(name, query.text)
]
SOME: Final = [leak for leak in QUERIES if leak[0] in ("q01", "q16", "q39")][:3]
RULES: Final = [
    leak
    for file in rule_files(rules_folder().parent)
    for leak in leaks(file.relative_to(rules_folder()).as_posix(), file.read_text(encoding="utf-8"))
]


def name_of(leak: Leak) -> str:
    """Where a leak is."""
    return f"{leak[0]}-{leak[1]}"


def planted(text: str, leak: Leak) -> str:
    """The text with a leak."""
    return text[: leak[1]] + leak[3] + text[leak[2] :]


def evidence(name: str) -> list[ox.NamedNode]:
    """The records of the article on which the answer of a query rests."""
    folder = queries_folder()
    file = next(
        f for f in (folder / f"{name}.rq", folder / "questions" / f"{name}.rq") if f.exists()
    )
    found = re.search(r"#\+ evidence: (.*)", file.read_text(encoding="utf-8"))
    names = found[1].split() if found else []
    return [ox.NamedNode(ARTICLE + name) for name in names if name.startswith("f")]


def check_query(leak: Leak) -> None:
    query = all_queries()[leak[0]]
    base, other, _ = graphs()
    leaking = replace(query, text=planted(query.text, leak))
    selection = Selection(base, {leak[0]: leaking})
    records = dict.fromkeys((*evidence(leak[0]), *sample()))
    assert any(Trial(base, other, selection, [record]).run() for record in records)


@pytest.mark.parametrize("leak", SOME, ids=name_of)
def test_a_leak_in_a_query_is_caught(leak: Leak) -> None:
    check_query(leak)


@pytest.mark.mutation
@pytest.mark.parametrize("leak", QUERIES, ids=name_of)
def test_every_leak_in_a_query_is_caught(leak: Leak) -> None:
    check_query(leak)


@pytest.mark.mutation
@pytest.mark.parametrize("leak", RULES, ids=name_of)
def test_every_leak_in_a_rule_is_caught(leak: Leak, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(rules_folder(), folder)
    file = folder / leak[0]
    file.write_text(planted(file.read_text(encoding="utf-8"), leak), encoding="utf-8")
    base, other = ChangedGraph(folder), ChangedGraph(folder)
    selection = Selection(base)
    assert any(Trial(base, other, selection, [record]).run() for record in sample())
