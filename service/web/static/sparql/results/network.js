// The answer as a network: draws our own export of the same query.
import { element } from "../../parts/details.js";
import { ENDPOINT, fieldsOf } from "./context.js";
import { offerLink } from "./offers.js";
import { absent, button, choice, number, some, warning } from "./parts.js";
import { noneOfBoolean, View } from "./view.js";

/** Maximum number of edges to draw; of more the strongest, since the rest would be unreadable. */
export const MOST_EDGES = 2000;
const LISTED = 500; // edges in the list for readers who can't see the drawing

export class NetworkView extends View {
  label = "Network";

  async show(place, context) {
    const { answer, asked } = context;
    if (answer.kind === "boolean") return place.append(noneOfBoolean("network", answer));
    place.append(element("p", { role: "status" }, "Drawing the network…"));
    this.stop = new AbortController();
    try {
      const [graph, read] = await Promise.all([import("../../parts/graph.js"), readNetwork(asked, this.stop.signal)]);
      if (!this.shows(place)) return;
      if (read.problem) return place.replaceChildren(noNetwork(read.problem));
      await this.drawAll(place, context, graph, read.network);
    } catch (error) {
      if (this.shows(place)) place.replaceChildren(noNetwork({ detail: `It could not be read: ${error.message}.` }));
    }
  }

  async drawAll(place, { asked }, graph, whole) {
    const { network, cut } = strongest(whole);
    const { nodes, edges } = network.elements;
    if (!whole.elements.nodes.length) {
      place.replaceChildren(absent("An empty network", element("p", {}, "The query completed, with neither nodes nor edges.")));
      return;
    }
    const drawing = element("div", { class: "graph result-drawing" });
    const panel = element("section", { class: "result-panel", "aria-label": "Selection", "aria-live": "polite" }, hint());
    const legend = element("div");
    const tools = element("div", { class: "result-tools" });
    place.replaceChildren(
      ...(cut ? [this.told(cut, asked)] : []),
      element("p", { class: "result-count", role: "status" }, `${some(nodes.length, "node")}, ${some(edges.length, "edge")}.`),
      tools,
      element("div", { class: "result-network" }, drawing, panel),
      legend,
    );
    if (!edges.length) tools.before(edgeless());
    const open = (chosen) => {
      this.cy?.elements().unselect();
      chosen?.select();
      panel.replaceChildren(chosen ? graph.detailsOf(chosen) : hint(), chosen?.isNode() ? relations(chosen, open) : "");
    };
    this.cy = await graph.drawNetwork(drawing, network, { label: `The answer as a network of ${some(nodes.length, "node")} and ${some(edges.length, "edge")}`, open });
    if (!this.shows(place)) return this.forget();
    tools.append(this.chooser(open), element("div", { class: "result-buttons" }, ...this.zooming(graph)));
    legend.replaceChildren(graph.legendOf(this.cy), this.list(edges));
  }

  told({ shown, all }, asked) {
    const words = `${number(shown)} of ${some(all, "edge")} are drawn, those of the greatest weight: more would be unreadable. `;
    const link = offerLink(fieldsOf(asked, "gexf"), "answer.gexf", "Download all of it for Gephi (.gexf)");
    return warning(element("strong", {}, words), link);
  }

  chooser(open) {
    const named = this.cy.nodes().map((node) => [node.id(), node.data("name") ?? node.id()]);
    named.sort((one, other) => one[1].localeCompare(other[1]));
    return choice("Look at", [["", "nothing"], ...named], "", (id) => open(id ? this.cy.getElementById(id) : null));
  }

  zooming(graph) {
    return [
      button("+", () => graph.zoomBy(this.cy, 1.25), { "aria-label": "Zoom in" }),
      button("−", () => graph.zoomBy(this.cy, 0.8), { "aria-label": "Zoom out" }),
      button("Fit", () => this.cy.fit(undefined, 30), { "aria-label": "Fit" }),
    ];
  }

  /** The same as text, for readers who can't see the drawing. */
  list(edges) {
    const name = (id) => this.cy.getElementById(id).data("name");
    const items = edges.slice(0, LISTED).map(({ data }) =>
      element("li", { dir: "auto" }, `${name(data.source)} – ${data.name} – ${name(data.target)}`),
    );
    const more = edges.length > LISTED ? element("p", {}, `${number(edges.length - LISTED)} more are not listed here.`) : "";
    return element("details", {}, element("summary", {}, "The edges in words"), element("ul", { class: "plain" }, ...items), more);
  }

  forget() {
    this.cy?.destroy();
    this.cy = undefined;
  }

  destroy() {
    this.stop?.abort();
    this.forget();
    super.destroy();
  }
}

async function readNetwork(asked, signal) {
  const answer = await fetch(ENDPOINT, { method: "POST", body: new URLSearchParams(fieldsOf(asked, "cyjs")), signal });
  const read = await answer.json();
  return answer.ok ? { network: read } : { problem: read };
}

/** The network, or its drawn part: {network, cut}; cut is {shown, all} or null. */
function strongest(network) {
  const { nodes, edges } = network.elements;
  if (edges.length <= MOST_EDGES) return { network, cut: null };
  const kept = [...edges].sort((one, other) => (other.data.weight ?? 1) - (one.data.weight ?? 1)).slice(0, MOST_EDGES);
  const ends = new Set(kept.flatMap(({ data }) => [data.source, data.target]));
  const shown = { ...network, elements: { nodes: nodes.filter(({ data }) => ends.has(data.id)), edges: kept } };
  return { network: shown, cut: { shown: kept.length, all: edges.length } };
}

const COLUMNS = "the columns ?source and ?target make edges; ?type, ?label, ?start, ?end and ?weight are optional";
const edgeless = () => element("p", { class: "note" }, `It has no edges. In a SELECT ${COLUMNS}.`);

function noNetwork({ detail, hint: more }) {
  return absent(
    "No network can be drawn",
    element("p", {}, detail ? `${detail[0].toUpperCase()}${detail.slice(1)}.`.replace(/\.\.$/, ".") : ""),
    element("p", {}, more ? `${more}.` : `In a SELECT ${COLUMNS}. Any CONSTRUCT is a network.`),
  );
}

const hint = () => element("p", { class: "faint" }, "Choose a node or an edge in the drawing, or a node by its name, to see its details and sources.");

/** The edges of a node, each a button that opens it. */
function relations(node, open) {
  const items = node.connectedEdges().map((edge) => {
    const out = edge.source().same(node);
    const other = (out ? edge.target() : edge.source()).data("name");
    const words = out ? `${edge.data("name")} → ${other}` : `${other} → ${edge.data("name")}`;
    return element("li", {}, button(words, () => open(edge), { class: "result-link", dir: "auto" }));
  });
  return element("ul", { class: "plain result-relations" }, ...items.slice(0, 60), items.length > 60 ? element("li", {}, `${number(items.length - 60)} more`) : "");
}
