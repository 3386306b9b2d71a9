// Which view an answer opens in: the one chosen by hand, else that of a line in the query.
const LINE = /^\s*#\s*defaultView\s*:\s*([\w-]+)/im;
// As we name them, and as Wikidata's query service does.
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

/** The view that a query's comment names: {view, note}; view is null where there is none. */
export function viewIn(query) {
  const written = LINE.exec(query)?.[1];
  if (!written) return { view: null, note: "" };
  const view = NAMES[written.toLowerCase()] ?? null;
  return { view, note: view ? "" : `There is no view “${written}”: Table, Network, Timeline, Chart and Raw are` };
}

/** Takes the view out of an address that restores a query: its `query` and `view`. */
export function restore({ hash, search }) {
  const given = [hash, search].map((part) => new URLSearchParams(part.slice(1))).find((fields) => fields.get("query"));
  const view = NAMES[given?.get("view")?.toLowerCase()];
  restored = view ? { query: given.get("query"), view } : null;
}

/** Notes that a reader chose a view, which is kept for this query against its line. */
export function noteHand(yasr, view) {
  const state = stateOf(yasr);
  state.hand = { query: state.query, view };
}

/** Sets the view for the answer to a query that is about to be shown. */
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

/** What is to be said of the choice, if anything. */
export const said = (yasr) => stateOf(yasr).note;
