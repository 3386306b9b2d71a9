"""Write the figures of `results.json` into the README beside it, and all of them into `results.md`.

python tests/benchmarks/readme.py
"""

import re
from pathlib import Path

from comity.service.bench.report import excerpt, tables
from comity.service.bench.results import Results, read_results

HERE = Path(__file__).resolve().parent
README = HERE / "README.md"
RESULTS = HERE / "results.json"
BEGIN, END = "<!-- figures of `make bench` -->", "<!-- end of figures -->"


def with_figures(readme: str, results: Results) -> str:
    """The README with these figures between the two marks."""
    pattern = re.compile(f"(?<={re.escape(BEGIN)}\n).*?(?={re.escape(END)})", re.DOTALL)
    return pattern.sub(lambda _: excerpt(results) + "\n", readme)


def main() -> None:
    """Write both."""
    results = read_results(RESULTS)
    readme = README.read_text(encoding="utf-8")
    README.write_text(with_figures(readme, results), encoding="utf-8")
    full = f"# All figures of the benchmark\n\n{tables(results)}\n"
    RESULTS.with_suffix(".md").write_text(full, encoding="utf-8")


if __name__ == "__main__":
    main()
