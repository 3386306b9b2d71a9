"""The tree of issues: narrower and broader ones, and those without a statement."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from comity.graph.descriptions.overviews.lookup import Lookup
from comity.graph.installed import query_file

_DEEPEST: Final = 12  # levels of the tree


async def issues_within(lookup: Lookup, issue: str | None) -> list[str]:
    """Return an issue and all narrower ones; all issues for None."""
    if issue is None:
        found = await lookup.solve(query_file("positions/issues"))
        return [row["issue"]["value"] for row in found.rows]
    below, level = {issue: None}, [issue]
    for _ in range(_DEEPEST):
        rows = await lookup.rows("positions/narrower", "issue", level) if level else []
        level = [row["narrower"] for row in rows if row["narrower"] not in below]
        below |= dict.fromkeys(level)
    return list(below)


async def paths_of(lookup: Lookup, issues: Iterable[str]) -> dict[str, list[str]]:
    """Return the broader issues of each issue, broadest first; literals have none and no key."""
    wanted = [
        issue for issue in dict.fromkeys(issues) if issue.startswith(("http:", "https:", "urn:"))
    ]
    above: dict[str, str] = {}
    level = wanted
    for _ in range(_DEEPEST):
        rows = await lookup.rows("positions/broader", "issue", level) if level else []
        level = []
        for row in rows:
            issue, broader = row["issue"], row["broader"]
            if above.setdefault(issue, broader) == broader and broader not in above:
                level.append(broader)
    return {issue: _path(issue, above) for issue in wanted}


def _path(issue: str, above: Mapping[str, str]) -> list[str]:
    found: list[str] = []
    while (issue := above.get(issue, "")) and issue not in found:
        found.insert(0, issue)
    return found


async def silent_issues(
    lookup: Lookup, issue: str | None, spoken: Collection[str], *, all_of_them: bool
) -> tuple[list[str], int]:
    """Return the issues without statements to show, and the number of the others."""
    silent = [each for each in await issues_within(lookup, issue) if each not in spoken]
    if all_of_them:
        return silent, 0
    return ([issue] if issue is not None and not spoken else []), len(silent)
