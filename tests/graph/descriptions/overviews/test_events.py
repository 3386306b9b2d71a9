"""Events in order of time."""

from comity.graph.descriptions.overviews.events import (
    EventEntry,
    happenings,
    overview,
    tellings,
    years,
)
from comity.graph.rdf.namespaces import COMITY, ID
from comity.graph.store.own_queries import PlainRow

TALKS = f"{ID}river-talks"
LABELS = {TALKS: "Talks on the river", f"{COMITY}EventReport": "event report"}


def row(record: str, **values: str) -> PlainRow:
    return {
        "record": f"urn:{record}",
        "event": TALKS,
        "kind": f"{COMITY}EventReport",
        "modality": f"{COMITY}asserted",
        "source": "urn:source",
        **values,
    }


MAY = {"earliest": "2020-05-01T00:00:00Z", "latest": "2020-05-31T23:59:59Z"}
JUNE = {"earliest": "2020-06-02T00:00:00Z", "latest": "2020-06-02T23:59:59Z"}


def entries(*rows: PlainRow) -> list[EventEntry]:
    return happenings(tellings(rows, LABELS), LABELS)


def test_the_rows_of_a_record_are_one_account_with_all_its_words() -> None:
    rows = [row("f1", words="they met", sentence="1"), row("f1", words="in May", sentence="2")]
    (account,) = tellings([*rows, rows[0]], LABELS)
    assert account.words == [("they met", "1"), ("in May", "2")]


def test_accounts_of_one_event_stand_together_the_most_exact_date_first() -> None:
    (entry,) = entries(row("f1", **MAY), row("f2", **JUNE))
    assert entry.title.text == "Talks on the river"
    assert entry.disagree
    assert entry.place.words() == "2 June 2020"
    (entry,) = entries(row("f1", **MAY), row("f2", **MAY))
    assert not entry.disagree


def test_what_is_hoped_for_stands_apart_from_what_is_told() -> None:
    told, hoped = entries(row("f1", **MAY), row("f2", modality=f"{COMITY}hoped", **MAY))
    assert (told.contemplated, hoped.contemplated) == (False, True)
    assert told.anchor == "at-river-talks" and hoped.anchor == "at-river-talks-2"


def test_what_lasts_ends_before_it_no_longer_holds() -> None:
    (entry,) = entries(row("f1", start="2019-01-01T00:00:00Z", end="2020-01-01T00:00:00Z"))
    assert entry.place.holds
    assert entry.place.words() == "2019"


def test_years_have_what_is_dated_and_one_scale_for_all() -> None:
    found = years(entries(row("f1", **MAY), row("f2", event=f"{ID}fog")))
    assert [each.year for each in found] == [2020]
    assert overview(found) is None
    later = row("f3", event=f"{ID}bridge", earliest="2022-01-01", latest="2022-12-31")
    whole = overview(years(entries(row("f1", **MAY), later)))
    assert whole and whole.scale.first.year == 2020 and whole.scale.after.year == 2023
    assert [mark.row for mark in whole.told] == [0, 0]
