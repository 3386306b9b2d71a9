// The explorer (/explore): draw, inspect and export any view or query.
//
// Other pages link to it in these forms:
//   /explore?view=actors&around=iran          a view, with its own parameters and around, hops, multi, lang
//   /explore?canned=positions-of&holder=iran  a query of the catalogue, with the same options
//   /explore?query=SELECT…                    the text of a query, percent-encoded
//   …&expand=jcpoa&expand=astana-format       and everything about these things
// Names, slugs, codes and IRIs are accepted. What a reader does then is kept behind #, see explore/state.js.
import { drawNetwork, legendOf, placeNodes, weigh, zoomBy } from "./parts/graph.js";
import { fetchNetwork, thingOf } from "./explore/data.js";
import { Filters } from "./explore/filters.js";
import { Finder } from "./explore/finder.js";
import { List } from "./explore/list.js";
import { Panel } from "./explore/panel.js";
import { Exports } from "./explore/exports.js";
import { readState, sameExpansion, writeState } from "./explore/state.js";

const room = document.getElementById("explorer");
const said = document.getElementById("explore-state");
const drawing = document.getElementById("drawing");
const given = new URLSearchParams(room.dataset.link);
const undone = [];
let cy = null;
let answer = null;
let state = null;

room.hidden = false;
const initial = { expand: given.getAll("expand") };
given.delete("expand");

const explorer = {
  root: room.dataset.root,
  limit: Number(room.dataset.limit),
  of: given,
  get cy() {
    return cy;
  },
  get state() {
    return state;
  },
  /** Change what is shown; `undo` reverts it. */
  change(changes) {
    undone.push(writeState(state));
    return apply({ ...state, ...changes });
  },
  open: (element) => open(element),
  look,
  say: (...parts) => said.replaceChildren(...parts),
  expand,
  hide,
  pin,
  add,
};
const panel = new Panel(explorer, document.getElementById("panel"));
const filters = new Filters(explorer, document.getElementById("filters"));
const list = new List(explorer, document.getElementById("list"));
new Finder(explorer, document.getElementById("find"), document.getElementById("found"));
new Exports(explorer);

await begin();

async function begin() {
  state = readState(location.hash, initial);
  try {
    answer = await fetchNetwork(explorer, state.expand);
  } catch (error) {
    room.dataset.state = "failed";
    return say(error);
  }
  cy = await drawNetwork(drawing, answer.network, {
    label: answer.title,
    open,
    fixed: Object.fromEntries(state.pinned),
  });
  cy.on("dragfree", "node", ({ target }) => {
    if (state.pinned.has(target.id())) pin(target, true);
  });
  cy.on("dbltap", "node", ({ target }) => expand(target));
  settle();
  cy.fit(cy.elements(":visible"), 30);
  room.dataset.state = "ready";
}

/** Show another state: fetch its data, then hide, pin and filter accordingly. */
async function apply(next) {
  const before = state;
  state = next;
  if (!sameExpansion(before, next)) {
    room.dataset.state = "loading";
    explorer.say("Loading …");
    try {
      const found = await fetchNetwork(explorer, next.expand);
      if (state !== next) return; // superseded meanwhile
      answer = found;
      await merge(found.network);
      room.dataset.state = "ready";
    } catch (error) {
      state = { ...before };
      undone.pop();
      room.dataset.state = "ready";
      settle();
      return say(error);
    }
  }
  settle();
}

/** Draw this network; existing elements keep their positions. */
async function merge({ elements: { nodes, edges } }) {
  const wanted = new Map([...nodes, ...edges].map((each) => [each.data.id, each]));
  const places = Object.fromEntries(cy.nodes().map((node) => [node.id(), { ...node.position() }]));
  cy.elements().filter((each) => !wanted.has(each.id())).remove();
  cy.batch(() => {
    for (const each of nodes) {
      const known = cy.getElementById(each.data.id);
      if (known.nonempty()) known.data(each.data);
      else cy.add({ group: "nodes", data: each.data, position: besideNeighbours(each.data.id, edges, places) });
    }
    for (const each of edges) {
      const known = cy.getElementById(each.data.id);
      if (known.nonempty()) known.data(each.data);
      else cy.add({ group: "edges", data: each.data });
    }
  });
  weigh(cy);
  const fresh = nodes.filter((each) => !(each.data.id in places)).length;
  if (!fresh) return;
  // If most elements are new, the old positions do not help.
  const fixed = fresh > Object.keys(places).length ? Object.fromEntries(state.pinned) : places;
  await placeNodes(cy, { fixed, from: fixed === places ? "here" : "anywhere" });
  cy.fit(cy.elements(":visible"), 30);
}

function besideNeighbours(id, edges, places) {
  const edge = edges.find(({ data }) => (data.source === id ? data.target : data.source) in places && (data.source === id || data.target === id));
  const near = edge ? places[edge.data.source === id ? edge.data.target : edge.data.source] : { x: 0, y: 0 };
  return { x: near.x + Math.random() * 80 - 40, y: near.y + Math.random() * 80 - 40 };
}

/** Update the whole page to the state. */
function settle() {
  filters.show(state);
  const seen = filters.seen(state);
  cy.batch(() => {
    cy.elements().forEach((each) => {
      // Setting a class again costs as much as changing it.
      if (each.hasClass("gone") === seen.has(each.id())) each.toggleClass("gone");
    });
    cy.nodes().forEach((node) => {
      const place = state.pinned.get(node.id());
      node.toggleClass("pinned", place !== undefined);
      if (place) node.position({ ...place });
    });
  });
  document.getElementById("legend").replaceChildren(legendOf(cy));
  report(seen);
  list.show();
  panel.refresh();
  button("undo").disabled = undone.length === 0;
  button("unhide").disabled = state.hidden.size === 0;
  const hash = writeState(state);
  history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
}

function report(seen) {
  const number = (count) => count.toLocaleString("en");
  const count = (many, word) => `${number(many)} ${word}${many === 1 ? "" : "s"}`;
  const nodes = cy.nodes().filter((each) => seen.has(each.id())).length;
  const edges = cy.edges().filter((each) => seen.has(each.id())).length;
  const parts = [];
  if (answer.total.nodes === 0) {
    parts.push("Nothing to draw: use fewer filters, or choose another view.");
  } else {
    parts.push(`${count(nodes, "node")} and ${count(edges, "edge")} seen`);
    const away = cy.elements().length - nodes - edges;
    parts.push(away ? `, of ${count(cy.nodes().length, "node")} and ${count(cy.edges().length, "edge")} drawn. ` : ". ");
  }
  if (!answer.complete) {
    const whole = room.dataset.whole.replace("SUFFIX", "gexf");
    const link = Object.assign(document.createElement("a"), { href: whole, textContent: "open it in Gephi" });
    const shown = answer.shown.edges < answer.total.edges
      ? `Showing ${number(answer.shown.edges)} of ${count(answer.total.edges, "edge")}: narrow it, or `
      : `Showing ${number(answer.shown.nodes)} of ${count(answer.total.nodes, "node")}: narrow it, or `;
    const loud = document.createElement("strong");
    loud.append(shown, link);
    parts.push(loud, `. ${answer.rule ?? ""} `);
  }
  parts.push(answer.notes.join(" "));
  said.replaceChildren(...parts);
}

function say(error) {
  said.replaceChildren(error.message);
  said.classList.add("problem");
  setTimeout(() => said.classList.remove("problem"), 10_000);
}

function open(element) {
  cy.elements(":selected").unselect();
  if (element) element.select();
  panel.show(element);
}

/** Centre a node, zoomed in enough to read its name. */
function look(node) {
  if (cy.zoom() < 0.8) cy.zoom(0.8);
  cy.center(node);
}

function expand(node) {
  const thing = thingOf(node.data("iri"));
  if (thing && !state.expand.includes(thing)) return add(thing);
}

/** Add a thing with everything about it. */
async function add(thing) {
  const hidden = new Set(state.hidden);
  hidden.delete(thing);
  await explorer.change({ expand: [...state.expand, thing], hidden });
}

function hide(element) {
  panel.show(null);
  return explorer.change({ hidden: new Set([...state.hidden, element.id()]) });
}

/** Pin or unpin a node. */
function pin(node, on = !state.pinned.has(node.id())) {
  const pinned = new Map(state.pinned);
  const { x, y } = node.position();
  if (on) pinned.set(node.id(), { x: Math.round(x), y: Math.round(y) });
  else pinned.delete(node.id());
  return explorer.change({ pinned });
}

function button(act) {
  return room.querySelector(`[data-act="${act}"]`);
}

const acts = {
  async undo() {
    const hash = undone.pop();
    if (hash === undefined) return;
    await apply(readState(hash, { expand: [] }));
  },
  fit: () => cy.fit(cy.elements(":visible"), 30),
  in: () => zoomBy(cy, 1.3),
  out: () => zoomBy(cy, 1 / 1.3),
  async again() {
    await placeNodes(cy, { fixed: Object.fromEntries(state.pinned) });
    cy.fit(cy.elements(":visible"), 30);
  },
  unhide: () => explorer.change({ hidden: new Set() }),
  reset: () => explorer.change(readState("", initial)),
};

room.addEventListener("click", ({ target }) => {
  const act = target.closest?.("[data-act]")?.dataset.act;
  if (cy && act in acts) acts[act]();
});
addEventListener("hashchange", () => {
  if (cy && location.hash.slice(1) !== writeState(state)) explorer.change(readState(location.hash, initial));
});
addEventListener("keydown", (event) => {
  if (!cy) return;
  if (event.key === "Escape" && panel.element) {
    open(null);
    drawing.focus();
  } else if ((event.ctrlKey || event.metaKey) && event.key === "z" && !event.target.matches("input, textarea")) {
    event.preventDefault();
    acts.undo();
  }
});
drawing.addEventListener("keydown", (event) => {
  if (!cy || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  const chosen = panel.element;
  if (key === "n" || key === "p") {
    const nodes = cy.nodes(":visible").sort((one, other) => one.data("name").localeCompare(other.data("name")));
    const at = chosen ? nodes.indexOf(chosen) : -1;
    const next = nodes[(at + (key === "n" ? 1 : nodes.length - (at < 0 ? 0 : 1))) % nodes.length];
    if (next) {
      open(next);
      look(next);
    }
  } else if (key === "h" && chosen) hide(chosen);
  else if (key === "e" && chosen?.isNode()) expand(chosen);
  else if (key === "i" && chosen?.isNode()) pin(chosen);
  else return;
  event.preventDefault();
});
