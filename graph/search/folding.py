"""Folding of names, so that spellings of one name compare equal."""

import unicodedata
from typing import Final

# Persian text is often typed with the Arabic forms of two letters; dashes and spaces vary.
_ALIKE: Final = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "\u2019": "'"})


def fold(name: str) -> str:
    """Normalise a name: case, accents, dashes, spaces, invisible marks."""
    kept = (
        "-" if kind == "Pd" else " " if kind == "Zs" else char
        for char in _decomposed(_decomposed(name).casefold()).translate(_ALIKE)
        if (kind := unicodedata.category(char)) not in ("Mn", "Cf")
    )
    return " ".join("".join(kept).split())


def _decomposed(name: str) -> str:
    return unicodedata.normalize("NFKD", name)
