// The view in which an answer opens: the one chosen by the reader, else that of a line in the query.
const LINE = /^\s*#\s*defaultView\s*:\s*([\w-]+)/im;
// Our names, and those of Wikidata's query service.
const NAMES = {
  table: "table",
  network: "network",
  graph: "network",
  timeline: "timeline",
  chart: "chart",
  barchart: "chart",
  linechart: "chart",
  scatterchart: "chart",
  raw: "raw",
};

const states = new WeakMap();
let restored = null;

function stateOf(yasr) {
  if (!states.has(yasr)) states.set(yasr, { query: null, hand: null, note: "" });
  return states.get(yasr);
}

/** The view named in a query's comment: {view, note}; view is null if there is none. */
export function viewIn(query) {
  const written = LINE.exec(query)?.[1];
  if (!written) return { view: null, note: "" };
  const view = NAMES[written.toLowerCase()] ?? null;
  return { view, note: view ? "" : `Unknown view “${written}”: use Table, Network, Timeline, Chart or Raw` };
}

/** Reads the view from an address that restores a query: its `query` and `view`. */
export function restore({ hash, search }) {
  const given = [hash, search].map((part) => new URLSearchParams(part.slice(1))).find((fields) => fields.get("query"));
  const view = NAMES[given?.get("view")?.toLowerCase()];
  restored = view ? { query: given.get("query"), view } : null;
}

/** Records a reader's choice of view, which overrides the line of this query. */
export function noteHand(yasr, view) {
  const state = stateOf(yasr);
  state.hand = { query: state.query, view };
}

/** Sets the view for the next answer to a query. */
export function choose(yasr, query) {
  const state = stateOf(yasr);
  if (restored?.query === query) {
    state.hand = restored;
    restored = null;
  }
  const { view, note } = viewIn(query);
  state.query = query;
  state.note = note;
  const kept = state.hand?.query === query ? state.hand.view : null;
  const wanted = kept ?? view ?? state.hand?.view ?? "table";
  if (yasr.config.plugins[wanted]) yasr.selectedPlugin = wanted;
}

/** A note on the choice, if any. */
export const said = (yasr) => stateOf(yasr).note;
