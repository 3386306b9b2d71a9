// The answer as a table: sorted, filtered, copied, by pages.
import { element } from "../../parts/details.js";
import { fieldsOf, languageOf } from "./context.js";
import { offerLink } from "./offers.js";
import { button, choice, copying, number, some, warning } from "./parts.js";
import { dateInWords, drawTerm, isDate, isIri, isNumber, momentOf, numberOf, textOf } from "./terms.js";
import { View } from "./view.js";

const PAGE = 100;
const narrow = matchMedia("(max-width: 48rem)"); // the style then shows rows as cards, without a header
/** Maximum number of rows to sort, filter and page here; the files have all. */
export const MOST_ROWS = 10_000;

export class Table extends View {
  priority = 10;
  label = "Table";

  show(place, context) {
    const { answer } = context;
    if (answer.kind === "boolean") return place.append(...yesOrNo(answer));
    if (!answer.rows) return place.append(warning(element("p", {}, answer.problem)));
    if (!answer.rows.length) return place.append(...empty(answer));
    const grid = new Grid(place, context, languageOf(this.yasr), (language) =>
      this.yasr.storePluginConfig("table", { language }),
    );
    grid.draw();
    this.watch(() => grid.refresh());
    // The rows appear at once, the names a moment later.
    context.names.ready().then(() => this.shows(place) && grid.named());
  }

  watch(changed) {
    narrow.addEventListener("change", changed);
    this.unwatch = () => narrow.removeEventListener("change", changed);
  }

  destroy() {
    this.unwatch?.();
    super.destroy();
  }
}

function yesOrNo({ boolean }) {
  const words = boolean ? "Something in the data matches the query." : "Nothing in the data matches the query.";
  return [element("p", { class: "result-truth" }, boolean ? "Yes" : "No"), element("p", {}, words)];
}

function empty({ kind, columns }) {
  const what = kind === "graph" ? "No triples" : "No rows";
  const of = kind === "table" && columns.length ? ` The columns would be ${columns.join(", ")}.` : "";
  return [
    element("p", { class: "result-truth" }, what),
    element("p", {}, `The query completed, and nothing in the data matches it.${of}`),
  ];
}

/** The rows with sorting, filter and pages; `place` is the element to draw into. */
class Grid {
  constructor(place, context, language, keepLanguage) {
    Object.assign(this, { place, context, language, keepLanguage });
    const { answer } = context;
    this.columns = answer.columns;
    this.noun = answer.kind === "graph" ? "triple" : "row";
    this.rows = answer.rows.slice(0, MOST_ROWS);
    this.kinds = new Map(this.columns.map((column) => [column, kindOf(this.rows, column)]));
    this.sorted = { column: null, order: "none" };
    this.filter = "";
    this.page = 0;
  }

  draw() {
    const { total } = this;
    if (total > MOST_ROWS) this.place.append(this.cut());
    this.tools = element("div", { class: "result-tools" });
    this.told = element("p", { class: "result-count", role: "status" });
    this.body = element("tbody");
    this.head = element("tr");
    const table = element("table", { class: "answer result-table" }, element("thead", {}, this.head), this.body);
    table.prepend(element("caption", { class: "unseen" }, `The answer: ${some(total, this.noun)}`));
    this.frame = element("div", { class: "result-frame", tabindex: "0", role: "region", "aria-label": "The answer, as a table" }, table);
    this.pages = element("nav", { class: "result-pages", "aria-label": "Pages of the table" });
    this.place.append(this.tools, this.told, this.frame, this.pages);
    this.drawTools();
    this.refresh();
  }

  get total() {
    return this.context.answer.rows.length;
  }

  /** The labels are loaded: offer their languages, and show names in cells. */
  named() {
    this.drawTools();
    this.refresh();
    const { names } = this.context;
    if (names.failed) this.tools.after(warning("The labels could not be loaded; addresses are shown instead."));
    if (names.left) {
      const words = `Labels are loaded for the first ${number(names.labels.size)} things; ${number(names.left)} more are shown as addresses.`;
      this.tools.after(element("p", { class: "note" }, words));
    }
  }

  cut() {
    const format = this.noun === "triple" ? "ttl" : "csv";
    const link = offerLink(fieldsOf(this.context.asked, format), `answer.${format}`, `Download all ${number(this.total)}`);
    const words = `The first ${number(MOST_ROWS)} of ${some(this.total, this.noun)} are shown; sort and filter apply to these only. `;
    return warning(element("strong", {}, words), link);
  }

  drawTools() {
    const filter = element("input", { type: "search", autocomplete: "off", placeholder: "Words in any column", value: this.filter });
    filter.addEventListener("input", () => {
      this.filter = filter.value;
      this.page = 0;
      this.refresh();
    });
    const held = this.tools.contains(document.activeElement) && document.activeElement.type === "search";
    this.tools.replaceChildren(
      element("label", { class: "result-field grow" }, element("span", {}, "Filter"), filter),
      this.sortField(),
      this.languageField() ?? "",
      element(
        "div",
        { class: "result-buttons" },
        copying("Copy as TSV", () => asTsv(this.columns, this.arranged(), this.names), { title: "For a spreadsheet" }),
        copying("Copy as Markdown", () => asMarkdown(this.columns, this.arranged(), this.names), { title: "For a text" }),
      ),
    );
    if (held) filter.focus();
  }

  // A narrow window has no table header to press.
  sortField() {
    const options = [["", "as received"], ...this.columns.flatMap((column) => [[`ascending ${column}`, `${column} ↑`], [`descending ${column}`, `${column} ↓`]])];
    const { column, order } = this.sorted;
    const field = choice("Sort by", options, column ? `${order} ${column}` : "", (value) => {
      const [way, name] = value.split(" ");
      this.sort(name ?? null, name ? way : "none");
    });
    field.classList.add("result-narrow");
    return field;
  }

  languageField() {
    const known = this.context.names.languages();
    if (!this.context.names.labels.size) return null;
    const named = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });
    const options = [...new Set(["en", ...known])].map((tag) => [tag, nameOf(tag, named)]);
    return choice("Names in", [...options, ["", "none: addresses"]], this.language, (language) => {
      this.language = language;
      this.keepLanguage(language);
      this.refresh();
    });
  }

  get names() {
    return this.context.names.in(this.language);
  }

  sort(column, order) {
    this.sorted = { column, order };
    this.page = 0;
    this.drawTools();
    this.refresh();
  }

  /** The rows that pass the filter, in order. */
  arranged() {
    const { column, order } = this.sorted;
    const words = this.filter.trim().toLowerCase();
    const { names } = this;
    const kept = words ? this.rows.filter((row) => this.columns.some((each) => matches(row[each], words, names))) : this.rows;
    if (order === "none") return kept;
    const key = keyOf(this.kinds.get(column), names);
    const compare = this.kinds.get(column) === "text" ? new Intl.Collator("en", { numeric: true }).compare : (a, b) => a - b;
    const bound = kept.filter((row) => row[column]).map((row) => [key(row[column]), row]);
    bound.sort(([one], [other]) => (order === "ascending" ? compare(one, other) : compare(other, one)));
    // Rows without a value come last either way.
    return [...bound.map(([, row]) => row), ...kept.filter((row) => !row[column])];
  }

  refresh() {
    const rows = this.arranged();
    this.page = Math.min(this.page, Math.max(0, Math.ceil(rows.length / PAGE) - 1));
    const start = this.page * PAGE;
    const { names } = this;
    this.drawHead();
    this.body.replaceChildren(...rows.slice(start, start + PAGE).map((row) => this.drawRow(row, names)));
    this.tell(rows.length, start);
    this.drawPages(rows.length);
  }

  drawHead() {
    const held = this.head.contains(document.activeElement) ? document.activeElement.dataset.column : null;
    this.head.replaceChildren(...this.columns.map((column) => this.drawHeading(column)));
    if (held !== null) [...this.head.querySelectorAll("button")].find((each) => each.dataset.column === held)?.focus();
  }

  drawHeading(column) {
    const order = this.sorted.column === column ? this.sorted.order : "none";
    if (narrow.matches) return element("th", { scope: "col", "aria-sort": order }, column);
    const next = { none: "ascending", ascending: "descending", descending: "none" }[order];
    const sign = { none: "", ascending: " ↑", descending: " ↓" }[order];
    const press = element("button", { type: "button", "data-column": column, title: next === "none" ? "In the order of the answer" : `Sort ${next}` }, column);
    press.append(element("span", { "aria-hidden": "true" }, sign));
    press.addEventListener("click", () => this.sort(next === "none" ? null : column, next));
    return element("th", { scope: "col", "aria-sort": order, class: this.kinds.get(column) === "number" ? "number" : null }, press);
  }

  drawRow(row, names) {
    return element("tr", {}, ...this.columns.map((column) => {
      const term = row[column];
      if (!term) return element("td", { class: "none", "data-column": column }, element("span", { class: "faint", title: "No value" }, "—"));
      const right = isNumber(term) ? "number" : null;
      return element("td", { class: right, "data-column": column }, drawTerm(term, column, names));
    }));
  }

  tell(count, start) {
    const end = Math.min(start + PAGE, count);
    const all = this.filter.trim() ? `${number(count)} of ${some(this.rows.length, this.noun)} ${count === 1 ? "matches" : "match"} “${this.filter.trim()}”` : "";
    const page = count > PAGE ? `${this.noun}s ${number(start + 1)} to ${number(end)} of ${number(count)}` : "";
    const words = [all, page].filter(Boolean).join(": ");
    this.told.textContent = words ? `${words[0].toUpperCase()}${words.slice(1)}.` : "";
  }

  drawPages(count) {
    const last = Math.max(0, Math.ceil(count / PAGE) - 1);
    const to = (words, page, off) => button(words, () => this.turn(page), off ? { disabled: "" } : {});
    const first = this.page === 0;
    const end = this.page === last;
    this.pages.hidden = last === 0;
    this.pages.replaceChildren(
      to("First", 0, first),
      to("Previous", this.page - 1, first),
      element("span", {}, `Page ${number(this.page + 1)} of ${number(last + 1)}`),
      to("Next", this.page + 1, end),
      to("Last", last, end),
    );
  }

  turn(page) {
    const pressed = document.activeElement?.textContent;
    this.page = page;
    this.refresh();
    this.frame.scrollTop = 0;
    const same = [...this.pages.querySelectorAll("button:not([disabled])")].find((each) => each.textContent === pressed);
    (same ?? this.frame).focus();
  }
}

function nameOf(tag, named) {
  try {
    return named.of(tag);
  } catch {
    return tag;
  }
}

/** Sort order of a column: as numbers or dates if all its values are. */
function kindOf(rows, column) {
  const terms = rows.map((row) => row[column]).filter(Boolean);
  if (terms.length && terms.every(isNumber)) return "number";
  return terms.length && terms.every(isDate) ? "date" : "text";
}

function keyOf(kind, names) {
  if (kind === "number") return numberOf;
  if (kind === "date") return (term) => momentOf(term).start;
  return (term) => shown(term, names);
}

/** The text of a term in a cell. */
function shown(term, names) {
  if (isIri(term)) return names.label(term.value) ?? names.shorten(term.value);
  return textOf(term);
}

function matches(term, words, names) {
  if (!term) return false;
  const texts = [textOf(term), shown(term, names), isDate(term) ? dateInWords(term) : ""];
  return texts.some((text) => text.toLowerCase().includes(words));
}

/** For a spreadsheet: a column of names after each column of addresses; no tabs or line breaks in cells. */
export function asTsv(columns, rows, names) {
  const wide = columns.filter((column) => rows.some((row) => isIri(row[column])));
  const head = columns.flatMap((column) => (wide.includes(column) ? [column, `${column}_label`] : [column]));
  const cell = (text) => text.replace(/[\t\r\n]+/g, " ");
  const lines = rows.map((row) =>
    columns.flatMap((column) => {
      const term = row[column];
      if (!wide.includes(column)) return [cell(textOf(term))];
      return [cell(textOf(term)), isIri(term) ? cell(names.label(term.value) ?? "") : ""];
    }),
  );
  return [head, ...lines].map((cells) => cells.join("\t")).join("\n") + "\n";
}

/** For a text: names that link to their addresses. */
export function asMarkdown(columns, rows, names) {
  const safe = (text) => text.replace(/[\\|[\]<>*_`]/g, "\\$&").replace(/[\r\n]+/g, " ");
  const cell = (term) => {
    if (!term) return "";
    if (!isIri(term)) return safe(textOf(term));
    return `[${safe(shown(term, names))}](<${term.value}>)`;
  };
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const kinds = columns.map((column) => (kindOf(rows, column) === "number" ? "---:" : "---"));
  return [line(columns.map(safe)), line(kinds), ...rows.map((row) => line(columns.map((column) => cell(row[column]))))].join("\n") + "\n";
}
