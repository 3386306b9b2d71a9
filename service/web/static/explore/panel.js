// Details of the selection: its content, the words of its source, and actions.
import { detailsOf, element, pathOf, stroke } from "../parts/details.js";
import { thingOf } from "./data.js";

const SEPARATOR = " | ";
const MOST = 40;

export class Panel {
  constructor(explorer, place) {
    this.explorer = explorer;
    this.place = place;
    this.empty = [...place.children];
    this.element = null;
  }

  /** Show an element of cytoscape; null closes the details. */
  show(chosen) {
    this.element = chosen;
    this.place.classList.toggle("open", chosen !== null);
    if (!chosen) return this.place.replaceChildren(...this.empty);
    const close = element("button", { type: "button", class: "quiet close", "aria-label": "Close the details" }, "×");
    close.addEventListener("click", () => this.explorer.open(null));
    this.place.replaceChildren(close, detailsOf(chosen), this.acts(chosen), ...this.beside(chosen));
    if (chosen.isEdge()) this.evidence(chosen);
    this.place.scrollTop = 0;
  }

  /** Update the details after the drawing has changed. */
  refresh() {
    if (!this.element) return;
    const known = this.explorer.cy.getElementById(this.element.id());
    if (known.empty() || known.hasClass("gone")) this.show(null);
    else this.place.querySelector(".acts")?.replaceWith(this.acts(known));
  }

  acts(chosen) {
    const { explorer } = this;
    const { state } = explorer;
    const acts = element("p", { class: "row acts" });
    const act = (word, does, off = false) => {
      const made = element("button", { type: "button", disabled: off ? "" : null }, word);
      made.addEventListener("click", does);
      acts.append(made);
    };
    if (chosen.isNode()) {
      const thing = thingOf(chosen.data("iri"));
      const known = state.expand.includes(thing);
      if (thing) act(known ? "Expanded" : "Expand", () => explorer.expand(chosen), known);
      act(state.pinned.has(chosen.id()) ? "Unpin" : "Pin", () => explorer.pin(chosen));
    }
    act("Hide", () => explorer.hide(chosen));
    return acts;
  }

  /** The edges of a node, or those parallel to an edge. */
  beside(chosen) {
    const edges = (chosen.isNode() ? chosen.connectedEdges() : chosen.parallelEdges().difference(chosen)).filter(
      (edge) => !edge.hasClass("gone"),
    );
    if (edges.empty()) return [];
    const rows = edges.slice(0, MOST).map((edge) => element("li", {}, this.opener(edge, chosen)));
    const title = chosen.isNode() ? "Its edges" : "Between the same two things";
    const rest = edges.length > MOST ? element("p", { class: "cited" }, `and ${edges.length - MOST} more: see the list below`) : null;
    return [element("h3", {}, `${title} (${edges.length})`), element("ul", { class: "queries" }, ...rows), rest].filter(Boolean);
  }

  opener(edge, from) {
    const said = edge.data();
    const other = edge.source().same(from) ? edge.target() : edge.source();
    const ends = from.isNode() ? [said.source === from.id() || !said.directed ? "" : "← ", said.label, " ", element("bdi", {}, other.data("name"))] : [said.label];
    const made = element("button", { type: "button", class: "quiet line" }, stroke(said), element("span", {}, ...ends));
    if (said.statement) made.append(element("small", { dir: "auto" }, said.statement));
    made.addEventListener("click", () => this.explorer.open(edge));
    return made;
  }

  /** The holders, and the quotations with their sentences, from /why. */
  async evidence(edge) {
    const { root } = this.explorer;
    const records = (edge.data("iri") ?? "").split(SEPARATOR).filter(Boolean).slice(0, 5);
    const answers = await Promise.all(
      records.map((record) =>
        fetch(`${root}/why?record=${encodeURIComponent(record)}&format=json`).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null),
      ),
    );
    if (this.element !== edge) return;
    const told = answers.flatMap((answer) => answer?.records ?? []);
    const holders = new Map(told.flatMap((record) => record.holders ?? []).map((holder) => [holder.iri, holder.label]));
    const quotations = told.flatMap((record) => record.quotations).filter(({ words }) => words);
    const ways = this.place.querySelector(".ways");
    if (holders.size) {
      const names = [...holders].flatMap(([iri, label], at) => [at ? ", " : "", pathOf(iri) ? element("a", { href: pathOf(iri) }, label) : label]);
      ways.before(element("p", { class: "cited holders" }, "Held by ", ...names));
    }
    if (quotations.length) {
      this.place.querySelectorAll(".quotation").forEach((each) => each.remove());
      ways.before(...quotations.map((quotation) => figure(quotation)));
    }
  }
}

function figure({ words, sentence, passage }) {
  const path = pathOf(passage);
  const where = sentence === null ? null : path ? element("a", { href: path }, `Sentence ${sentence}`) : `Sentence ${sentence}`;
  return element("figure", { class: "quotation" }, element("blockquote", { dir: "auto" }, words), where && element("figcaption", {}, where));
}
