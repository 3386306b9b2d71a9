// Filters by class, relation, modality, stance, status and time.
import { element, stroke, swatch } from "../parts/details.js";

const SEPARATOR = " | ";
const TITLES = { class: "Class", relation: "Relation", modality: "Modality", stance: "Stance" };
const NONE = "none";
const WORDS = { modality: { [NONE]: "no record" }, stance: { [NONE]: "no stance" }, class: { [NONE]: "no class" } };

/** The values of an element for a filter; merged edges have several. */
function valuesOf(name, data) {
  const value = { class: data.class, relation: data.type, modality: data.modality, stance: data.stance }[name];
  return value ? String(value).split(SEPARATOR) : [NONE];
}

export class Filters {
  constructor(explorer, form) {
    this.explorer = explorer;
    this.form = form;
    form.addEventListener("change", (event) => this.changed(event));
    form.addEventListener("input", (event) => this.moved(event));
    form.addEventListener("click", ({ target }) => {
      const [name, which] = (target.dataset.all ?? "").split(" ");
      if (which) this.all(name, which === "all");
    });
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  /** The identifiers of everything visible in a state. */
  seen(state) {
    const { cy } = this.explorer;
    const seen = new Set();
    const on = (name, data) => valuesOf(name, data).some((value) => !state.off[name].has(value));
    const nodes = cy.nodes().filter((node) => !state.hidden.has(node.id()) && on("class", node.data()));
    const ids = new Set(nodes.map((node) => node.id()));
    const linked = new Set();
    cy.edges().forEach((edge) => {
      const said = edge.data();
      const shown =
        !state.hidden.has(edge.id()) &&
        ids.has(said.source) &&
        ids.has(said.target) &&
        on("relation", said) &&
        on("modality", said) &&
        on("stance", said) &&
        (!state.facts || isFact(said)) &&
        isWithin(said, state);
      if (!shown) return;
      seen.add(edge.id());
      linked.add(said.source).add(said.target);
    });
    nodes.forEach((node) => {
      // Things without visible edges would only be in the way.
      if (linked.has(node.id()) || node.degree() === 0 || state.pinned.has(node.id())) seen.add(node.id());
    });
    return seen;
  }

  /** Draw the form for a state; open parts stay open. */
  show(state) {
    const { cy } = this.explorer;
    const focused = document.activeElement?.id;
    const opened = new Set([...this.form.querySelectorAll("details[open]")].map((each) => each.dataset.name));
    const first = this.form.childElementCount === 0;
    const wide = matchMedia("(min-width: 68rem)").matches;
    const isOpen = (name) => (first ? wide && name !== "relation" : opened.has(name));
    const groups = Object.keys(TITLES).map((name) => this.group(name, state, isOpen(name)));
    this.form.replaceChildren(
      element("h2", {}, "Filter"),
      check("facts", "yes", state.facts, "Facts only: nothing contemplated or found to be wrong"),
      this.time(state, isOpen("time")),
      ...groups,
    );
    if (focused) document.getElementById(focused)?.focus();
    this.form.hidden = cy.elements().empty();
  }

  group(name, state, open) {
    const { cy } = this.explorer;
    const found = new Map();
    const of = name === "class" ? cy.nodes() : cy.edges();
    of.forEach((each) => {
      const data = each.data();
      for (const value of valuesOf(name, data)) {
        const known = found.get(value) ?? { count: 0, data };
        known.count += 1;
        found.set(value, known);
      }
    });
    const rows = [...found].sort(([, one], [, other]) => other.count - one.count);
    const checks = rows.map(([value, { count, data }]) =>
      check(name, value, !state.off[name].has(value), ...this.sign(name, value, data), element("small", {}, count.toLocaleString("en"))),
    );
    const off = [...state.off[name]].filter((value) => found.has(value)).length;
    const title = off ? `${TITLES[name]} (${off} off)` : TITLES[name];
    const both = checks.length > 3 ? [element("p", { class: "both" }, all(name, "all"), all(name, "none"))] : [];
    return element("details", { "data-name": name, open: open ? "" : null }, element("summary", {}, title), ...both, ...checks);
  }

  sign(name, value, data) {
    const word = WORDS[name]?.[value];
    if (name === "class") return [swatch(data.group), word ?? data.class_label ?? value];
    if (name === "stance") return [stroke({ stance: value === NONE ? null : value }), word ?? value];
    if (name === "modality" && value !== NONE) return [element("span", { class: "modality", "data-modality": value }, value)];
    return [word ?? inWords(value)];
  }

  time(state, open) {
    const { cy } = this.explorer;
    const dates = cy.edges().map((edge) => [edge.data("start"), edge.data("end")]).flat().filter((date) => /^\d{4}-/.test(date ?? ""));
    const undated = cy.edges().filter((edge) => !edge.data("start") && !edge.data("end")).length;
    const ways = [element("summary", {}, state.from || state.to ? `Time (${state.from ?? "…"} to ${state.to ?? "…"})` : "Time")];
    if (dates.length) {
      const [least, most] = [dates.reduce((a, b) => (a < b ? a : b)), dates.reduce((a, b) => (a > b ? a : b))];
      this.months = [monthOf(least), monthOf(most)];
      ways.push(this.slider("from", "From", state.from, this.months[0]), this.slider("to", "To", state.to, this.months[1]));
    }
    if (undated) ways.push(check("undated", "yes", state.undated, `Include undated (${undated.toLocaleString("en")})`));
    return element("details", { "data-name": "time", open: open ? "" : null }, ...ways);
  }

  slider(name, label, value, otherwise) {
    const at = value ? monthOf(value) : otherwise;
    const input = element("input", {
      type: "range", id: `filter-${name}`, name, min: this.months[0], max: this.months[1], value: at, "aria-valuetext": written(at),
    });
    return element("p", { class: "slider" }, element("label", { for: input.id }, `${label} `, element("output", {}, written(at))), input);
  }

  moved({ target }) {
    if (target.type !== "range") return;
    target.previousElementSibling.querySelector("output").value = written(Number(target.value));
    target.setAttribute("aria-valuetext", written(Number(target.value)));
  }

  changed({ target }) {
    const { state } = this.explorer;
    const { name, value, checked } = target;
    if (name === "facts") this.explorer.change({ facts: checked });
    else if (name === "undated") this.explorer.change({ undated: checked });
    else if (name === "from" || name === "to") this.explorer.change(this.span(name, Number(value)));
    else if (name in state.off) {
      const off = new Set(state.off[name]);
      if (checked) off.delete(value);
      else off.add(value);
      this.explorer.change({ off: { ...state.off, [name]: off } });
    }
  }

  /** The period with one end moved; the other moves along if they would cross. */
  span(name, month) {
    const { state } = this.explorer;
    const [least, most] = this.months;
    let from = state.from ? monthOf(state.from) : least;
    let to = state.to ? monthOf(state.to) : most;
    if (name === "from") [from, to] = [month, Math.max(month, to)];
    else [from, to] = [Math.min(from, month), month];
    return { from: from > least ? firstDay(from) : null, to: to < most ? lastDay(to) : null };
  }

  /** Switch all values of a filter on or off. */
  all(name, on) {
    const { cy, state } = this.explorer;
    const off = new Set();
    const of = name === "class" ? cy.nodes() : cy.edges();
    if (!on) of.forEach((each) => valuesOf(name, each.data()).forEach((value) => off.add(value)));
    this.explorer.change({ off: { ...state.off, [name]: off } });
  }
}

function check(name, value, checked, ...label) {
  const id = `filter-${name}-${value}`.replace(/[^\w-]/g, "_");
  const input = element("input", { type: "checkbox", id, name, value, checked: checked ? "" : null });
  return element("label", { class: "check", for: id }, input, ...label);
}

function all(name, which) {
  return element("button", { type: "button", class: "quiet", "data-all": `${name} ${which}` }, which);
}

function inWords(type) {
  return /^[A-Za-z]+$/.test(type) ? type.replace(/(?<=[a-z0-9])(?=[A-Z])/g, " ").toLowerCase() : type;
}

function isFact({ contemplated, verdict }) {
  return !contemplated && !/erroneous/.test(verdict ?? "");
}

/** True if an edge may overlap the period; with only one date it is open on the other side. */
function isWithin({ start, end }, { from, to, undated }) {
  if (!start && !end) return undated;
  return (!from || !end || end >= from) && (!to || !start || start <= to);
}

function monthOf(date) {
  return Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1;
}

function written(month) {
  return `${String(Math.floor(month / 12)).padStart(4, "0")}-${String((month % 12) + 1).padStart(2, "0")}`;
}

function firstDay(month) {
  return `${written(month)}-01`;
}

function lastDay(month) {
  const days = new Date(Date.UTC(2000, (month % 12) + 1, 0)).getUTCDate();
  const year = Math.floor(month / 12);
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return `${written(month)}-${days === 29 && !leap ? 28 : days}`;
}
