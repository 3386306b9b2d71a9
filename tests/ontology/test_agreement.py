"""Agreement of two coders who had the codebook alone: its figures are those that the codebook tells."""

import csv
import re
from pathlib import Path

import krippendorff
import pytest
from coded_text import TEXTS

CODEBOOK = Path(__file__).resolve().parents[2] / "ontology" / "README.md"
# One agent under two names.
SAME = {"ana keller": "keller"}


def coding(coder: str, column: str) -> list[str]:
    """Return what a coder has in one column, for the units of all texts."""
    values = []
    for file in sorted(TEXTS.glob(f"*/coder-{coder}.csv")):
        with file.open(encoding="utf-8", newline="") as rows:
            values += [row[column].strip().lower() for row in csv.DictReader(rows)]
    return [SAME.get(value, value) for value in values]


@pytest.mark.parametrize("column", ["class", "modality", "holder", "stance"])
def test_alpha_is_what_the_codebook_tells(column: str) -> None:
    one, other = coding("a", column), coding("b", column)
    assert len(one) == len(other) == 50 and all(one + other)
    values = sorted({*one, *other})
    data = [[values.index(value) for value in coder] for coder in (one, other)]
    alpha = krippendorff.alpha(reliability_data=data, level_of_measurement="nominal")
    told = re.search(rf"{column} (\d\.\d\d)", CODEBOOK.read_text(encoding="utf-8"))
    assert told is not None and float(told[1]) == pytest.approx(alpha, abs=0.005)


def test_both_coded_the_same_units() -> None:
    assert coding("a", "words") == coding("b", "words")
