// The drawing as a list, for readers who can't see it or prefer text.
import { element, pathOf } from "../parts/details.js";

const MOST = 200;

export class List {
  constructor(explorer, place) {
    this.explorer = explorer;
    this.place = place;
  }

  /** Recount; the rows are made when a list is opened. */
  show() {
    const open = new Set([...this.place.querySelectorAll("details[open]")].map((each) => each.dataset.name));
    this.place.replaceChildren(this.part("nodes", "node", open), this.part("edges", "edge", open));
  }

  part(name, word, open) {
    const found = this.explorer.cy[name]().filter((each) => !each.hasClass("gone"));
    const made = element("details", { "data-name": name, open: open.has(name) ? "" : null },
      element("summary", {}, `${found.length.toLocaleString("en")} ${word}${found.length === 1 ? "" : "s"}`));
    const fill = () => {
      if (made.open && made.childElementCount === 1) made.append(this.table(name, found, MOST));
    };
    made.addEventListener("toggle", fill);
    fill();
    return made;
  }

  table(name, found, most) {
    const columns = name === "nodes" ? ["thing", "class", "edges", ""] : ["from", "relation", "to", "modality", "dates", ""];
    const order = name === "nodes" ? found.sort((one, other) => one.data("name").localeCompare(other.data("name"))) : found;
    const rows = order.slice(0, most).map((each) => (name === "nodes" ? this.node(each) : this.edge(each)));
    const head = element("tr", {}, ...columns.map((column) => element("th", { scope: "col" }, column || element("span", { class: "unseen" }, "open"))));
    const place = element("div", { class: "wide", tabindex: "0", role: "region", "aria-label": `List of ${name}` },
      element("table", { class: "answer" }, element("thead", {}, head), element("tbody", {}, ...rows.map((cells) => this.row(columns, cells)))));
    if (found.length > most) {
      const more = element("button", { type: "button" }, `${found.length - most} more`);
      more.addEventListener("click", () => place.replaceWith(this.table(name, found, found.length)));
      place.append(more);
    }
    return place;
  }

  row(columns, cells) {
    return element("tr", {}, ...cells.map((cell, at) => element("td", { "data-column": columns[at], class: cell === "" ? "none" : null }, cell)));
  }

  node(node) {
    const edges = node.connectedEdges().filter((edge) => !edge.hasClass("gone")).length;
    return [name(node), node.data("class_label") ?? "", String(edges), this.opener(node, node.data("name"))];
  }

  edge(edge) {
    const { label, modality, start, end } = edge.data();
    const dates = start === end ? start ?? "" : `${start ?? "…"} to ${end ?? "…"}`;
    const word = modality ? element("span", { class: "modality", "data-modality": modality.split(" | ")[0] }, modality) : "";
    const ends = [edge.source().data("name"), edge.target().data("name")];
    return [name(edge.source()), label, name(edge.target()), word, dates, this.opener(edge, `${ends[0]}, ${label}, ${ends[1]}`)];
  }

  opener(of, label) {
    const made = element("button", { type: "button", class: "quiet", "aria-label": `Details of ${label}` }, "Details");
    made.addEventListener("click", () => {
      this.explorer.open(of);
      const panel = document.getElementById("panel");
      panel.focus();
      panel.scrollIntoView({ block: "nearest" });
    });
    return made;
  }
}

function name(node) {
  const path = pathOf(node.data("iri"));
  return element("bdi", {}, path ? element("a", { href: path }, node.data("name")) : node.data("name"));
}
