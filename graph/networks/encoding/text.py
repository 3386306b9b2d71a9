"""Names and dates for strict formats."""

import re
from collections.abc import Collection, Iterable
from typing import Final

from comity.graph.networks.elements import Attribute
from comity.graph.networks.encoding.json import free_names

_UNFIT: Final = re.compile(r"[^\w.-]+")
_DAY: Final = re.compile(r"(-?\d{4,9})-(\d\d)-(\d\d)", re.ASCII)
_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def fit_names(attributes: Iterable[Attribute], taken: Collection[str]) -> dict[str, str]:
    """Choose a name for each attribute from letters, digits and _ . -, unique and not in `taken`.

    In some formats a colon or the like begins a type, a prefix or the next word of a query.
    """
    used, found = list(taken), {}
    for each in attributes:
        if each.name not in found:
            plain = Attribute(_UNFIT.sub("_", each.name), each.type)
            found[each.name] = free_names([plain], used)[plain.name]
            used.append(found[each.name])
    return found


def day(text: str | None) -> str | None:
    """Return the text if it is a Gregorian day (2021-02-22, -0431-01-01), else None."""
    match = _DAY.fullmatch(text or "")
    if match is None:
        return None
    year, month, number = (int(part) for part in match.groups())
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= month <= 12 or not 1 <= number <= _DAYS[month - 1]:
        return None
    return None if (month, number) == (2, 29) and not leap else text
