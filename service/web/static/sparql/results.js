// The results of the page Ask: views of an answer as plugins of YASR, and the bar above them.
import { element } from "../parts/details.js";
import { ChartView } from "./results/chart.js";
import { contextOf, noteAsked } from "./results/context.js";
import { choose, noteHand, restore, said } from "./results/default_view.js";
import { NetworkView } from "./results/network.js";
import { menus } from "./results/offers.js";
import { number, some } from "./results/parts.js";
import { Raw } from "./results/raw.js";
import { Table } from "./results/table.js";
import { Timeline } from "./results/timeline.js";

const VIEWS = { table: Table, network: NetworkView, timeline: Timeline, chart: ChartView, raw: Raw };

/** Registers the views with Yasgui; call it once, before creating a Yasgui. */
export function install(Yasgui) {
  const { Yasr } = Yasgui;
  for (const name of ["boolean", "response"]) {
    delete Yasr.plugins[name];
    delete Yasr.defaults.plugins[name];
  }
  for (const [name, view] of Object.entries(VIEWS)) Yasr.registerPlugin(name, view);
  Yasr.defaults.pluginOrder = Object.keys(VIEWS);
  Yasr.defaults.defaultPlugin = "table";
  // A restored answer could be stale, so a restored query is run again.
  Yasr.defaults.maxPersistentResponseSize = 0;
  Yasgui.defaults.yasr = { ...Yasgui.defaults.yasr, ...Yasr.defaults };
  Yasgui.defaults.requestConfig = { ...Yasgui.defaults.requestConfig, acceptHeaderGraph: "text/turtle,*/*;q=0.9" };
  restore(location);
  followTabs(Yasgui);
  headings(Yasr.prototype);
}

/** Records the query of each answer, since the editor may have changed. */
function followTabs(Yasgui) {
  const listen = Yasgui.prototype._registerTabListeners;
  Yasgui.prototype._registerTabListeners = function (tab) {
    tab.on("query", () => {
      const yasqe = tab.getYasqe();
      const { query, update, ...further } = Yasgui.Yasqe.Sparql.getUrlArguments(yasqe, yasqe.config.requestConfig);
      const pairs = Object.entries(further).flatMap(([name, values]) => [values].flat().map((value) => [name, value]));
      tab.asked = { query: query ?? update, pairs };
    });
    tab.on("queryResponse", () => {
      const yasr = tab.getYasr();
      if (!yasr || !tab.asked) return;
      const { query, pairs } = tab.asked;
      noteAsked(yasr, query, pairs);
      choose(yasr, query);
      tab.getPersistedJson().yasr.settings = yasr.getPersistentConfig(); // the view in a link
    });
    listen.call(this, tab);
  };
}

/** The bar above a view: tabs, size and duration, menus. */
function headings(prototype) {
  const { selectPlugin, updatePluginSelectors } = prototype;
  prototype.getSelectedPluginName = function () {
    return this.selectedPlugin in VIEWS ? this.selectedPlugin : "table"; // an old link may name another
  };
  prototype.selectPlugin = function (name) {
    noteHand(this, name);
    selectPlugin.call(this, name);
  };
  prototype.updatePluginSelectors = function (...given) {
    updatePluginSelectors.apply(this, given);
    for (const each of this.pluginSelectorsEl?.querySelectorAll("button") ?? []) {
      each.setAttribute("aria-pressed", String(each.classList.contains("selected")));
      each.removeAttribute("title");
      each.setAttribute("aria-label", each.textContent);
    }
  };
  prototype.drawDownloadIcon = function () {
    this.menus = element("div", { class: "result-menus" }, ...menus(this));
    this.headerEl.append(this.menus);
    this.headerEl.prepend(element("h2", { class: "unseen" }, "The answer"));
  };
  prototype.drawDocumentationButton = () => {};
  prototype.updateHelpButton = () => {};
  prototype.updateExportHeaders = () => {};
  prototype.updateResponseInfo = function () {
    const right = Boolean(this.results) && !this.results.hasError();
    this.headerEl.hidden = !right;
    this.dataElement.setAttribute("role", "status");
    this.dataElement.classList.toggle("empty", !right);
    this.dataElement.replaceChildren(...(right ? summary(this) : []));
  };
}

function summary(yasr) {
  const { answer } = contextOf(yasr);
  const milliseconds = yasr.results.getResponseTime();
  const time = milliseconds === undefined ? "" : ` in ${seconds(milliseconds)}`;
  const what = {
    table: () => some(answer.rows.length, "row"),
    graph: () => (answer.rows ? some(answer.rows.length, "triple") : "A graph"),
    boolean: () => (answer.boolean ? "Yes" : "No"),
    broken: () => "An incomplete answer",
  }[answer.kind]();
  const note = said(yasr);
  return [`${what}${time}`, ...(note ? [element("span", { class: "result-note" }, note)] : [])];
}

/** The time until the whole answer arrived. */
function seconds(milliseconds) {
  return milliseconds < 1000 ? `${number(milliseconds)} ms` : `${number(Math.round(milliseconds / 100) / 10)} s`;
}
