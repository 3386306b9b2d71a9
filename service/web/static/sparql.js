// The page Ask: YASGUI on this service's own endpoint, with completion, help, a gallery and errors marked in the text.
//
// Links that open it (other pages use these; the names are a contract):
//   /sparql?query=TEXT&view=VIEW   runs TEXT and shows its answer; without JavaScript, a form with it
//   /sparql#query=TEXT&view=VIEW   the same without sending the query in an address, for long ones
// TEXT is percent-encoded (encodeURIComponent, or URLSearchParams with + for a space). VIEW is table, network, timeline,
// chart or raw, or missing; then a line `#defaultView:VIEW` of the query decides. A request with more parameters than
// these two (a format, a dataset, a time limit) is treated as a program's.
import Yasgui from "./libraries/@zazuko/yasgui/build/yasgui.esm.js";
import { complete } from "./sparql/completion.js";
import { bar, furnish, limitReached } from "./sparql/furniture.js";
import { gallery } from "./sparql/gallery.js";
import { explain } from "./sparql/hover.js";
import { copy, linked, linkTo } from "./sparql/links.js";
import { checkSyntax } from "./sparql/problems.js";
import { install } from "./sparql/results.js";
import { run } from "./sparql/running.js";
import { readSchema } from "./sparql/schema.js";
import { tabs } from "./sparql/tabs.js";

const place = document.getElementById("ask");
const plain = document.getElementById("plain");
const { root } = place.dataset;
const endpoint = new URL(`${root}/sparql`, location.href).href;
const schema = readSchema(root);
const furnished = new Map(); // by drawn tab: {term, show, told}

const { Yasqe } = Yasgui;
checkSyntax(Yasqe);
run(Yasqe, endpoint, heard);
const attend = complete(Yasqe, { schema, root });
install(Yasgui);

const yasgui = new Yasgui(place, {
  populateFromUrl: false, // its links may set any endpoint and header; ours set query and view
  persistenceId: `comity_${root}`,
  copyEndpointOnNewTab: false,
  autofocus: false,
  requestConfig: { endpoint, method: "POST" },
  endpointCatalogueOptions: { getData: () => [] },
  yasqe: {
    value: plain.elements.query.defaultValue,
    autocompleters: [],
    showQueryButton: false,
    resizeable: true,
    editorHeight: "20rem",
    extraKeys: { Esc: leave },
  },
});
plain.hidden = true;
if (matchMedia("(max-width: 48rem)").matches) document.querySelector(".ask-examples").open = false;

const tools = bar({ run: runOrStop, queries: gallery(document.getElementById("gallery"), root, take), link: share });
yasgui.tabPanelsEl.before(tabs(yasgui), tools.element);
yasgui.on("tabSelect", () => setTimeout(attendTab));
yasgui.on("tabAdd", () => setTimeout(attendTab));

function attendTab() {
  const tab = yasgui.getTab();
  const cm = tab?.getYasqe();
  if (!cm) return;
  if (!furnished.has(cm.rootEl)) {
    const made = furnish(tab);
    furnished.set(cm.rootEl, { ...made, tab, told: {} });
    attend(cm);
    explain(cm, made.term, { schema, root });
    tab.getYasr().on("change", () => tab === yasgui.getTab() && linked(location)?.query === tab.getQuery() && keepAddress(tab));
  }
  tools.show(furnished.get(cm.rootEl).told);
}

/** Reports of `run` on an editor's query. */
function heard(cm, told) {
  const found = furnished.get(cm.rootEl);
  if (!found) return;
  const { tab } = found;
  found.told = told.state === "done" ? { ...told, note: limitReached(tab.getQuery(), tab.getYasr()) } : told;
  found.show(told);
  if (tab !== yasgui.getTab()) return;
  tools.show(found.told);
  if (told.state === "done") keepAddress(tab);
}

function runOrStop() {
  const cm = yasgui.getTab().getYasqe();
  if (cm.asking) cm.abortQuery();
  else cm.query();
}

/** Escape stops a query; without one it leaves the editor, in which Tab indents. */
function leave(cm) {
  if (yasgui.getTab().getYasqe().asking) yasgui.getTab().getYasqe().abortQuery();
  else tools.run.focus();
  return cm;
}

const viewOf = (tab) => tab.getYasr().getSelectedPluginName();
const keepAddress = (tab) => history.replaceState(null, "", linkTo(tab.getQuery(), viewOf(tab)));

async function share() {
  const tab = yasgui.getTab();
  keepAddress(tab);
  const copied = await copy(location.href);
  tools.say(copied ? "The link is on the clipboard" : "The link is in the address bar");
}

/** Opens a query in its tab, or in a new one. */
function take(text, name) {
  const { persistentConfig: kept } = yasgui;
  const known = kept.getTabs().find((id) => (yasgui._tabs[id]?.getYasqe()?.getValue() ?? kept.getTab(id).yasqe.value) === text);
  if (known) yasgui.selectTabId(known);
  else yasgui.addTab(true, { ...(name ? { name: yasgui.createTabName(name) } : {}), yasqe: { value: text } });
  attendTab();
  const tab = yasgui.getTab();
  tab.getYasqe().focus();
  return tab;
}

globalThis.yasgui = yasgui; // for the console
attendTab();
const asked = linked(location);
if (asked) take(asked.query).query();
// The views read the address once, when the page opens; so does this.
addEventListener("hashchange", () => linked(location) && linked(location).query !== yasgui.getTab().getQuery() && location.reload());
for (const link of document.querySelectorAll("a[data-example]")) {
  link.onclick = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    take(linked(link).query, link.textContent).query();
  };
}
