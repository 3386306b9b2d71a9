// What all views of an answer have in common, as a plugin of YASR.
import { element } from "../../parts/details.js";
import { contextOf } from "./context.js";
import { absent, saved } from "./parts.js";

/** A view draws into a place of its own: what comes late for an answer that is gone goes nowhere. */
export class View {
  priority = 1;

  constructor(yasr) {
    this.yasr = yasr;
  }

  // Every view takes every answer, and says itself what it can't show and why.
  canHandleResults() {
    return Boolean(this.yasr.results) && !this.yasr.results.hasError();
  }

  getIcon() {
    return undefined;
  }

  async draw() {
    this.destroy();
    const place = element("div", { class: "result-view" });
    this.yasr.resultsEl.append(place);
    this.place = place;
    const context = contextOf(this.yasr);
    if (context.answer.kind === "broken") place.append(...broken(context.answer));
    else await this.show(place, context);
  }

  /** Whether a place is still what the reader sees. */
  shows(place) {
    return this.place === place && place.isConnected;
  }

  destroy() {
    this.place = undefined;
  }
}

function broken({ problem, text, type }) {
  const box = element("div", { class: "problem", role: "alert" });
  box.append(
    element("h3", {}, "This is not a whole answer"),
    element("p", {}, `${problem} Nothing is shown of it as rows, since a part could pass for the whole. Run the query again, or ask for less.`),
  );
  if (!text) return [box];
  const raw = element("pre", { tabindex: "0" }, text.slice(0, 2000), text.length > 2000 ? "…" : "");
  const keep = element("button", { type: "button", class: "result-button" }, "Keep what came");
  keep.addEventListener("click", () => saved(text, type || "text/plain", "broken-answer.txt"));
  return [box, element("details", {}, element("summary", {}, "What came"), raw, keep)];
}

/** What a view says of an answer of yes or no, which has neither rows nor lines. */
export function noneOfBoolean(what, { boolean }) {
  return absent(
    `The answer is ${boolean ? "yes" : "no"}`,
    element("p", {}, `A yes or no has no ${what}. Ask with SELECT for rows, or with CONSTRUCT for triples.`),
  );
}
