// A network drawn by cytoscape: shared by the explorer, the results of a query and the pages of things.
//
//   import { drawNetwork, detailsOf, legendOf } from "./parts/graph.js";
//   const cy = await drawNetwork(container, cyjs, { label: "…", open: (element) => … });
//   panel.replaceChildren(detailsOf(element)); below.replaceChildren(legendOf(cy));
//   cy.destroy();
//
// `cyjs` is the response of /network/{view}.cyjs, /queries/{name}.cyjs and /sparql?format=cyjs. The container
// needs a height (class `graph`).
import cytoscape from "../libraries/cytoscape/dist/cytoscape.esm.min.mjs";
import { onScheme, style } from "./palette.js";

export { detailsOf, legendOf, pathOf } from "./details.js";

const LIBRARIES = new URL("../libraries", import.meta.url).href;
// Beyond this number, edges show labels only under the pointer.
const MANY = 60;
const STEP = 60;

// Otherwise cytoscape adds a style sheet to the page, which our CSP forbids.
const STYLED = "__________cytoscape_stylesheet";

/**
 * Draws a network and returns the cytoscape object; `destroy()` removes it.
 *
 * options: `label` is the accessible name; `open(element)` is called with the
 * tapped node or edge, and with null for a tap on the background; `place: false` keeps the positions in the
 * file; `fixed` ({id: {x, y}}) pins those nodes; `wheel: false` leaves the wheel to the page, for
 * small drawings within text.
 */
export async function drawNetwork(container, cyjs, options = {}) {
  if (!document.getElementById(STYLED)) {
    const mark = document.createElement("meta");
    mark.id = STYLED;
    document.head.append(mark);
  }
  const { nodes, edges } = cyjs.elements;
  const looks = { few: edges.length < MANY };
  const cy = cytoscape({
    container,
    elements: { nodes, edges },
    style: style(looks),
    layout: { name: "preset" },
    minZoom: 0.05,
    maxZoom: 4,
    boxSelectionEnabled: false,
    hideEdgesOnViewport: edges.length > 1000,
    textureOnViewport: edges.length > 1000,
    userZoomingEnabled: options.wheel !== false,
  });
  weigh(cy);
  container.setAttribute("role", "application");
  container.setAttribute("aria-label", `${options.label ?? "A network"}. Arrow keys move it, + and − zoom, 0 fits it.`);
  container.tabIndex = 0;
  const forget = onScheme(() => cy.style(style(looks)));
  cy.one("destroy", forget);
  followPointer(cy, options.open);
  followKeys(cy, container);
  if (options.place !== false) {
    container.setAttribute("aria-busy", "true");
    await placeNodes(cy, { fixed: options.fixed });
    container.removeAttribute("aria-busy");
  }
  if (!cy.destroyed()) cy.fit(undefined, 30);
  return cy;
}

/** Sizes nodes by their number of edges; call it again when there are more. */
export function weigh(cy) {
  cy.batch(() => cy.nodes().forEach((node) => node.data("links", node.connectedEdges().length)));
}

/**
 * Lays out the nodes again: `fixed` ({id: {x, y}}) stay, the others start from their positions if `from` is
 * "here". If the browser can't, the positions of the file remain.
 */
export async function placeNodes(cy, { fixed = {}, from = "anywhere" } = {}) {
  const shown = cy.nodes(":visible");
  if (shown.length < 2) return;
  const kept = Object.entries(fixed).filter(([id]) => shown.getElementById(id).nonempty());
  const options = {
    quality: shown.length > 1500 ? "draft" : "default",
    randomize: from === "anywhere",
    nodeSeparation: 120,
    idealEdgeLength: shown.length > 60 ? 170 : 120,
    nodeRepulsion: shown.length > 60 ? 60000 : 12000,
    gravity: 0.15,
    fixedNodeConstraint: kept.map(([nodeId, position]) => ({ nodeId, position })),
  };
  const told = {
    libraries: LIBRARIES,
    // In a fixed order, so that the same network looks the same.
    nodes: shown.sort(byId).map((node) => ({
      data: { id: node.id(), width: 60, height: 44 },
      position: { ...node.position() },
    })),
    // Many parallel edges would pull their ends together.
    edges: pairsOf(cy.edges(":visible").sort(byId)),
    options,
  };
  const positions = await ask(told);
  if (!positions || cy.destroyed()) return;
  cy.batch(() => {
    for (const [id, position] of Object.entries({ ...positions, ...fixed }))
      cy.getElementById(id).position(position);
  });
}

function byId(one, other) {
  return one.id() < other.id() ? -1 : 1;
}

function pairsOf(edges) {
  const pairs = new Map();
  edges.forEach((edge) => {
    const [source, target] = [edge.source().id(), edge.target().id()].sort();
    if (source !== target) pairs.set(`${source} ${target}`, { data: { source, target } });
  });
  return [...pairs.values()];
}

function ask(told) {
  return new Promise((answer) => {
    const worker = new Worker(new URL("./layout_worker.js", import.meta.url));
    const end = (positions) => {
      worker.terminate();
      answer(positions);
    };
    worker.onmessage = ({ data }) => end(data.positions);
    worker.onerror = () => end(null);
    worker.postMessage(told);
  });
}

function followPointer(cy, open) {
  cy.on("mouseover", "node, edge", ({ target }) => target.addClass("pointed"));
  cy.on("mouseout", "node, edge", ({ target }) => target.removeClass("pointed"));
  if (open) cy.on("tap", ({ target }) => open(target === cy ? null : target));
}

function followKeys(cy, container) {
  const moves = {
    ArrowLeft: [STEP, 0],
    ArrowRight: [-STEP, 0],
    ArrowUp: [0, STEP],
    ArrowDown: [0, -STEP],
  };
  container.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in moves) {
      const [x, y] = moves[event.key];
      cy.panBy({ x, y });
    } else if (event.key === "+" || event.key === "=") zoomBy(cy, 1.25);
    else if (event.key === "-") zoomBy(cy, 0.8);
    else if (event.key === "0") cy.fit(cy.elements(":visible"), 30);
    else return;
    event.preventDefault();
  });
}

/** Zooms around the centre of the drawing. */
export function zoomBy(cy, factor) {
  const renderedPosition = { x: cy.width() / 2, y: cy.height() / 2 };
  cy.zoom({ level: cy.zoom() * factor, renderedPosition });
}
