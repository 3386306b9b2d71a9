"""Sections about a thing, by its class, each with a query for its records."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from comity.graph.descriptions.ontology.vocabulary import chain
from comity.graph.store.own_queries import PlainRow

LISTED: Final = 40
"""Maximum number of records shown per section; the total is shown too."""
Shape = Literal["lines", "periods", "life", "accounts"]


@dataclass(frozen=True, slots=True)
class ThingSection:
    """A section: its heading, the query `queries/thing/<name>.rq`, and its classes.

    `all_of` is the canned query that lists all, and its parameter for the thing; `beyond` is the
    heading of the lines that are not facts.
    """

    name: str
    heading: str
    classes: frozenset[str]
    shape: Shape = "lines"
    about: str = ""
    all_of: tuple[str, str] | None = None
    beyond: str = "Not facts"


def _for(classes: str) -> frozenset[str]:
    return frozenset(classes.split())


_ANY: Final = _for("")
_AGENTS: Final = _for("Agent State Person Organisation Organ Group Office")
_BODIES: Final = _for("Organisation Organ Group Format")
_TEXTS: Final = _for("Document SanctionsRegime")

# In page order. Of several with one name, the first for a class of the thing is used; no class
# means any.
SECTIONS: Final = (
    ThingSection("life", "Its life", _ANY, "life", all_of=("life-of-agreement", "agreement")),
    ThingSection("accounts", "As each source tells it", _for("Event"), "accounts"),
    ThingSection("holders", "Office holders", _for("Office"), "periods"),
    ThingSection("offices", "Offices", _for("Person"), "periods", all_of=("offices-of", "person")),
    ThingSection("members", "Parties", _TEXTS, "periods", all_of=("participants-and-roles", "of")),
    ThingSection(
        "members", "Members and roles", _ANY, "periods", all_of=("participants-and-roles", "of")
    ),
    ThingSection(
        "positions",
        "Positions",
        _ANY,
        all_of=("positions-of", "holder"),
        beyond="Declared readiness: promised, not done",
    ),
    ThingSection(
        "positions-on",
        "Positions on it",
        _for("Issue"),
        about="Of all actors, including narrower issues.",
        all_of=("positions-on-issue", "issue"),
    ),
    ThingSection("positions-on", "Positions of others on it", _AGENTS),
    ThingSection("positions-on", "Positions on it", _ANY),
    ThingSection("participations", "Participations over time", _ANY, "periods"),
    ThingSection(
        "for-it", "Office holders acting for it", _for("State Organisation Organ"), "periods"
    ),
    ThingSection("begun", "Participations that it began or ended", _for("Event"), "periods"),
    ThingSection(
        "events",
        "Meetings and other events",
        _for("State"),
        about="Of the state itself, its offices and organs, and those who then held its offices.",
        all_of=("timeline-of", "thing"),
    ),
    ThingSection("events", "Meetings and other events", _ANY, all_of=("timeline-of", "thing")),
    ThingSection(
        "planned",
        "Planned, proposed or expected",
        _ANY,
        about="Not facts: if one was realised, another record says so.",
    ),
    ThingSection(
        "proposals", "Proposals on it", _for("Issue"), all_of=("proposals-on-issue", "issue")
    ),
    ThingSection("proposals", "Its proponents and dates", _for("Proposal")),
    ThingSection("proposals", "Proposals", _ANY),
    ThingSection("cooperation", "Cooperation", _AGENTS, all_of=("cooperation", "a")),
    ThingSection("cooperation", "Cooperation", _ANY),
    ThingSection(
        "salience",
        "Issues that matter to it",
        _AGENTS,
        about="That an issue matters, not what anyone's stance is.",
    ),
    ThingSection("salience", "Why it matters", _ANY, about="Importance, not a stance."),
    ThingSection("claims", "Other claims", _ANY),
    ThingSection(
        "beyond-fact",
        "Hoped, predicted, believed or claimed",
        _ANY,
        about="Not facts: someone hopes, predicts, believes or claims them.",
    ),
    ThingSection("reported", "Its reports", _ANY),
)


@dataclass(frozen=True, slots=True)
class SectionRows:
    """The first rows of a section, and the total; None if not counted."""

    section: ThingSection
    rows: Sequence[PlainRow]
    total: int | None

    @property
    def records(self) -> list[str]:
        """IRIs of the records, each once."""
        return list(dict.fromkeys(row["record"] for row in self.rows))


def sections_of(classes: Iterable[str]) -> list[ThingSection]:
    """Return the sections for a thing of some classes, given by their local names."""
    known = {above for each in classes for above in chain(each)}
    found: dict[str, ThingSection] = {}
    for section in SECTIONS:
        if not section.classes or section.classes & known:
            found.setdefault(section.name, section)
    return list(found.values())
