// The page Ask: YASGUI on this service's own endpoint.
//
// Links that open it (other pages use these; the names are a contract):
//   /sparql?query=TEXT&view=VIEW   as a browser opens it: runs TEXT and shows its answer; works without JavaScript too
//   /sparql#query=TEXT&view=VIEW   the same, and the query is never sent as part of an address
// TEXT is percent-encoded (encodeURIComponent, or URLSearchParams with + for a space); VIEW is the name of a view of
// answers (`table`, `response`, and those of sparql/results.js) and may be missing.
import Yasgui from "./libraries/@zazuko/yasgui/build/yasgui.esm.js";
import { install } from "./sparql/results.js";

const place = document.getElementById("ask");
const plain = document.getElementById("plain");
const endpoint = new URL(`${place.dataset.root}/sparql`, location.href).href;

install(Yasgui);

/** The query and the view that the address names; null where it names none. */
function linked() {
  for (const part of [location.hash.slice(1), location.search.slice(1)]) {
    const given = new URLSearchParams(part);
    if (given.get("query")) return { query: given.get("query"), view: given.get("view") };
  }
  return null;
}

const yasgui = new Yasgui(place, {
  populateFromUrl: false, // its links may name any endpoint and header; ours name query and view
  persistenceId: `comity_${place.dataset.root}`,
  copyEndpointOnNewTab: false,
  autofocus: true,
  requestConfig: { endpoint, method: "POST" },
  endpointCatalogueOptions: { getData: () => [] },
  yasqe: { value: plain.elements.query.value, autocompleters: ["variables"] },
});
plain.hidden = true;

const asked = linked();
if (asked) {
  const settings = asked.view ? { selectedPlugin: asked.view } : {};
  const tab = yasgui.addTab(true, { yasqe: { value: asked.query }, yasr: { settings } }, { avoidDuplicateTabs: true });
  tab.query().catch(() => {});
}

globalThis.yasgui = yasgui; // for the console
