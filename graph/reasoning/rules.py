"""Rules: one CONSTRUCT per file, which derives the property of its name.

A rule that asks a property which another rule derives comes after it.
"""

import hashlib
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from comity.graph.errors import DataError
from comity.graph.installed import ontology_folder
from comity.graph.rdf.namespaces import COMITY
from comity.graph.sparql.tokens import Token, TokenKind, tokens

_PREFIX: Final = "comity:"
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
_SILENT: Final = frozenset((TokenKind.SPACE, TokenKind.COMMENT))


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule; `subject` and `object` are the variables of the one triple that it constructs.

    `where` is the pattern that must hold, `asks` the local names of the terms of the ontology in
    it, and `computed` is true if the object is not matched but bound.
    """

    name: str
    text: str
    prologue: str
    subject: ox.Variable
    object: ox.Variable
    where: str
    asks: frozenset[str]
    computed: bool

    @property
    def derives(self) -> ox.NamedNode:
        """Property that the rule derives; it has the name of the file."""
        return ox.NamedNode(COMITY + self.name)

    @property
    def forwards(self) -> str:
        """Query for the conclusions that are in no graph yet."""
        said = f"{self.subject} {self.derives} {self.object}"
        where = f"{self.where.rstrip()[:-1]} MINUS {{ {said} }} }}"
        return f"{self.prologue}CONSTRUCT {{ {said} }} WHERE {where}"

    def backwards(self, variables: str, where: str, conclusion: ox.Triple) -> str:
        """Return the query for variables of the WHERE, of which `where` is a copy.

        The terms of the conclusion are to be substituted. What BIND computes can't be: it is
        compared.
        """
        if self.computed:
            where = f"{{ {where} FILTER(sameTerm({self.object}, {conclusion.object})) }}"
        return f"{self.prologue}SELECT DISTINCT {variables} WHERE {where}"

    def substitutions(self, conclusion: ox.Triple) -> dict[ox.Variable, Term]:
        """Return the terms of a conclusion by variable, for `backwards`."""
        terms: dict[ox.Variable, Term] = {self.subject: conclusion.subject}
        return terms if self.computed else terms | {self.object: conclusion.object}


def rules_folder() -> Path:
    """Return the folder of the rules of this release."""
    return ontology_folder() / "rules"


def rule_files(ontology: Path) -> list[Path]:
    """Return the rule files in an ontology's folder, sorted by name."""
    return sorted((ontology / "rules").rglob("*.rq"), key=lambda file: file.name)


def rules_hash(files: list[Path]) -> str:
    """Hash rules by name and bytes (SHA-256, hexadecimal)."""
    digest = hashlib.sha256()
    for file in files:
        data = file.read_bytes()
        digest.update(f"\0{file.name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


def read_rules(folder: Path | None = None) -> list[Rule]:
    """Read the rules in and below a folder, by default those of this release.

    A rule comes after those whose properties it asks, else by name. Raises DataError for a rule
    that is not `CONSTRUCT { ?s comity:<file's name> ?o } WHERE { … }`, and for a circle of rules.
    """
    files = sorted((folder or rules_folder()).rglob("*.rq"), key=lambda file: file.name)
    rules = {file.stem: _rule(file.stem, file.read_text(encoding="utf-8")) for file in files}
    order = TopologicalSorter(
        {name: sorted(rule.asks & set(rules)) for name, rule in rules.items()}
    )
    try:
        return [rules[name] for name in order.static_order()]
    except CycleError as error:
        raise DataError(
            f"the rules {', '.join(error.args[1])} ask each other",
            hint="Let one of them ask only what sources state.",
        ) from None


def _rule(name: str, text: str) -> Rule:
    parts = [token for token in tokens(text) if token.kind is not TokenKind.COMMENT]
    words = [token.text.upper() if token.kind is TokenKind.WORD else "" for token in parts]
    try:
        construct, where = words.index("CONSTRUCT"), words.index("WHERE")
        subject, said, object_ = _terms(parts[construct + 1 : where])
    except ValueError:
        raise _unfit(name) from None
    if said.text != _PREFIX + name or {subject.kind, object_.kind} != {TokenKind.VARIABLE}:
        raise _unfit(name)
    body = parts[where + 1 :]
    return Rule(
        name,
        text,
        _joined(parts[:construct]),
        ox.Variable(subject.text[1:]),
        ox.Variable(object_.text[1:]),
        _joined(body),
        frozenset(t.text.removeprefix(_PREFIX) for t in body if t.text.startswith(_PREFIX)),
        _is_computed(body, object_),
    )


def _terms(template: list[Token]) -> tuple[Token, Token, Token]:
    inside = [t for t in template if t.kind not in _SILENT and t.text not in ("{", "}", ".")]
    subject, said, object_ = inside
    return subject, said, object_


def _is_computed(where: list[Token], variable: Token) -> bool:
    """Return whether BIND computes a variable."""
    said = [token.text.upper() for token in where if token.kind not in _SILENT]
    return any(pair == ("AS", variable.text.upper()) for pair in pairwise(said))


def _joined(parts: list[Token]) -> str:
    return "".join(token.text for token in parts)


def _unfit(name: str) -> DataError:
    return DataError(
        f"the rule {name}.rq does not construct the property of its name",
        hint=f"Write CONSTRUCT {{ ?s comity:{name} ?o }} WHERE {{ … }}.",
    )
