// The answer as received.
import { element } from "../../parts/details.js";
import { copying, number, saved, warning, button } from "./parts.js";
import { View } from "./view.js";

const MOST = 200_000; // characters in the page; a browser stalls at millions
const ENDINGS = {
  "application/sparql-results+json": "srj",
  "application/sparql-results+xml": "srx",
  "text/csv": "csv",
  "text/tab-separated-values": "tsv",
  "text/turtle": "ttl",
};

export class Raw extends View {
  label = "Raw";

  show(place, { answer }) {
    const { text, type } = answer;
    const name = `answer.${ENDINGS[type] ?? "txt"}`;
    place.append(
      element(
        "div",
        { class: "result-tools" },
        element("p", {}, element("code", {}, type || "unknown type"), `, ${number(text.length)} characters, as received`),
        element("div", { class: "result-buttons" }, copying("Copy", () => text), button("Save as a file", () => saved(text, type, name))),
      ),
    );
    if (text.length > MOST)
      place.append(warning(`The first ${number(MOST)} of ${number(text.length)} characters are shown; the copy and the file are complete.`));
    place.append(element("pre", { class: "result-raw", tabindex: "0", role: "region", "aria-label": "The answer as received", dir: "auto" }, text.slice(0, MOST)));
  }
}
