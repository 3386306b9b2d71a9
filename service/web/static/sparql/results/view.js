// Base of all views of an answer, as plugins of YASR.
import { element } from "../../parts/details.js";
import { contextOf } from "./context.js";
import { absent, saved } from "./parts.js";

/** A view draws into its own element: late results for a previous answer are dropped. */
export class View {
  priority = 1;

  constructor(yasr) {
    this.yasr = yasr;
  }

  // Every view accepts every answer, and explains what it can't show.
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

  /** True if an element is still shown. */
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
    element("h3", {}, "This answer is incomplete"),
    element("p", {}, `${problem} No rows are shown, since a part could be mistaken for the whole. Run the query again, or reduce the answer.`),
  );
  if (!text) return [box];
  const raw = element("pre", { tabindex: "0" }, text.slice(0, 2000), text.length > 2000 ? "…" : "");
  const keep = element("button", { type: "button", class: "result-button" }, "Save what was received");
  keep.addEventListener("click", () => saved(text, type || "text/plain", "broken-answer.txt"));
  return [box, element("details", {}, element("summary", {}, "What was received"), raw, keep)];
}

/** The message of a view for a boolean answer, which has neither rows nor edges. */
export function noneOfBoolean(what, { boolean }) {
  return absent(
    `The answer is ${boolean ? "yes" : "no"}`,
    element("p", {}, `A yes or no has no ${what}. Use SELECT for rows, or CONSTRUCT for triples.`),
  );
}
