"""Signs and words of stances."""

from collections.abc import Mapping
from typing import Final

NO_STANCE: Final = "unspecified"
SIGNS: Final[Mapping[str, tuple[str, str]]] = {
    "supportive": ("+", "supports"),
    "opposed": ("\u2212", "opposes"),
    "conditional": ("\u00b1", "conditional"),
    "interested": ("\u25c7", "interested"),
    "neutral": ("\u25cb", "neutral"),
    NO_STANCE: ("\u2022", "matters"),
}
"""The sign and the word of each stance; the last one is for salience without a stance."""
