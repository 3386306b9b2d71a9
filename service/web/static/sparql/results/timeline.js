// Rows with dates on a timeline, each with its own precision.
import { element } from "../../parts/details.js";
import { datesIn, namingIn } from "./columns.js";
import { languageOf } from "./context.js";
import { script, sheet } from "./library.js";
import { absent, button, choice, number, some, warning } from "./parts.js";
import { dateInWords, drawTerm, isIri, momentOf, textOf } from "./terms.js";
import { noneOfBoolean, View } from "./view.js";

const MOST = 1000; // items; more would be unreadable
const STARTS = /start|from|begin|since|earliest|signed|date|when|time|year/i;
const ENDS = /end|until|till|to$|latest|through/i;
const DAY = 24 * 3600 * 1000;

export class Timeline extends View {
  label = "Timeline";

  async show(place, context) {
    const { answer } = context;
    if (answer.kind === "boolean") return place.append(noneOfBoolean("dates", answer));
    const dates = answer.rows ? datesIn(answer) : [];
    if (!dates.length) return place.append(undated());
    place.append(element("p", { role: "status" }, "Drawing the timeline…"));
    try {
      await Promise.all([
        sheet("vis-timeline/styles/vis-timeline-graph2d.min.css"),
        // Its standalone build adds style sheets to the page, which our CSP forbids.
        Promise.all(["moment/min/moment.min.js", "vis-data/peer/umd/vis-data.min.js"].map(script)).then(() =>
          script("vis-timeline/peer/umd/vis-timeline-graph2d.min.js"),
        ),
        context.names.ready(),
      ]);
    } catch (error) {
      return place.replaceChildren(absent("No timeline", element("p", {}, `The drawing library could not be loaded: ${error.message}.`)));
    }
    if (!this.shows(place)) return;
    this.chosen = { ...byDefault(answer, dates), ...(this.own === answer ? this.chosen : {}) };
    this.own = answer;
    this.lay(place, context, dates, languageOf(this.yasr));
  }

  lay(place, context, dates, language) {
    const names = context.names.in(language);
    const { answer } = context;
    const changed = (key) => (value) => {
      this.chosen = { ...this.chosen, [key]: value || null };
      this.lay(place, context, dates, language);
    };
    const columns = (list) => list.map((column) => [column, column]);
    const tools = element(
      "div",
      { class: "result-tools" },
      choice("Start", columns(dates), this.chosen.start, changed("start")),
      choice("End", [["", "none"], ...columns(dates)], this.chosen.end ?? "", changed("end")),
      choice("Name", columns(answer.columns), this.chosen.name, changed("name")),
      choice("Lanes", [["", "none"], ...columns(answer.columns)], this.chosen.lane ?? "", changed("lane")),
    );
    const items = itemsOf(answer.rows, this.chosen, names);
    const dated = items.slice(0, MOST);
    const frame = element("div", { class: "result-timeline", role: "group", "aria-label": "Timeline; the same as a list is below" });
    this.forget();
    place.replaceChildren(...told(items.length, dated.length, answer.rows.length), tools, frame, list(dated));
    if (!dated.length) return;
    this.timeline = drawn(frame, dated, this.chosen.lane);
    tools.append(element("div", { class: "result-buttons" }, ...moving(this.timeline)));
  }

  forget() {
    this.timeline?.destroy();
    this.timeline = undefined;
  }

  destroy() {
    this.forget();
    super.destroy();
  }
}

function undated() {
  return absent(
    "This answer has no dates",
    element("p", {}, "A timeline needs a column whose every value is a date, a moment, a month or a year (xsd:date, xsd:dateTime, xsd:gYearMonth, xsd:gYear); a second one is the end of the period."),
  );
}

function byDefault(answer, dates) {
  const start = dates.find((column) => STARTS.test(column) && !/^(end|until|latest)/i.test(column)) ?? dates[0];
  const end = dates.find((column) => column !== start && ENDS.test(column)) ?? null;
  return { start, end, name: namingIn(answer, dates), lane: null };
}

function itemsOf(rows, { start, end, name, lane }, names) {
  const items = [];
  for (const row of rows) {
    const terms = [row[start], end ? row[end] : null];
    const [from, to] = terms.map((term) => term && momentOf(term));
    if (!from && !to) continue;
    const first = from ?? to;
    items.push({
      start: first.start,
      end: (to ?? from).end,
      // A day may be written as moments from midnight to midnight.
      spread: Boolean(from && to && to.end - from.start > DAY),
      open: Boolean(end) && !(from && to),
      precision: first.precision,
      when: whenOf(terms, from, to, end),
      exact: row.precision && name !== "precision" ? wordsOf(row.precision, names) : "",
      name: row[name] ? wordsOf(row[name], names) : "(no name)",
      link: isIri(row[name]) ? drawTerm(row[name], "", names) : element("bdi", {}, row[name] ? textOf(row[name]) : "(no name)"),
      lane: lane ? (row[lane] ? wordsOf(row[lane], names) : "(none)") : null,
    });
  }
  return items.sort((one, other) => one.start - other.start);
}

function whenOf([start, end], from, to, hasEnd) {
  const [first, last] = [from && boundInWords(start), to && boundInWords(end)];
  if (from && to) return first === last ? first : `${first} to ${last}`;
  if (from) return hasEnd ? `from ${first}, end not given` : first;
  return `up to ${last}, start not given`;
}

/** A bound in words; the first and the last second of a day stand for that day. */
function boundInWords(term) {
  const day = /^(.*)T(00:00:00|23:59:59)(\.\d+)?(Z|[+-]00:00)?$/.exec(term.value);
  return dateInWords(day ? { ...term, value: day[1] } : term);
}

function wordsOf(term, names) {
  return isIri(term) ? (names.label(term.value) ?? names.shorten(term.value)) : textOf(term);
}

function told(dated, shown, all) {
  const notes = [];
  if (shown < dated) notes.push(warning(`The first ${number(shown)} of ${some(dated, "dated row")} are drawn, by their dates.`));
  if (dated < all) notes.push(element("p", { class: "note" }, `${some(all - dated, "row")} of ${number(all)} ${all - dated === 1 ? "has" : "have"} no date here and ${all - dated === 1 ? "is" : "are"} left out.`));
  return notes;
}

/** A day is a point; a month, a year or a period is a bar over its whole extent. */
function drawn(frame, items, lane) {
  const lanes = [...new Set(items.map((item) => item.lane))];
  const data = items.map((item, id) => {
    const point = !item.spread && ["day", "second"].includes(item.precision);
    const class_ = item.open ? "open" : item.spread ? "span" : point ? "point" : "loose";
    return {
      id,
      content: item.name.length > 60 ? `${item.name.slice(0, 57)}…` : item.name,
      start: new Date(item.start),
      ...(point ? {} : { end: new Date(item.end) }),
      type: point ? "box" : "range",
      className: `result-${class_}`,
      ...(lane ? { group: lanes.indexOf(item.lane) } : {}),
    };
  });
  const [low, high] = [Math.min(...items.map((item) => item.start)), Math.max(...items.map((item) => item.end))];
  const room = Math.max((high - low) * 0.06, 30 * DAY);
  const options = {
    align: "left",
    min: new Date(low - 20 * room),
    max: new Date(high + 20 * room),
    maxHeight: 520,
    verticalScroll: true,
    zoomKey: "ctrlKey",
    orientation: "top",
    showCurrentTime: false,
    selectable: false,
    margin: { item: { horizontal: 4, vertical: 6 } },
    // Texts in the data must never become markup.
    template: (item) => element("span", { dir: "auto" }, item.content),
    groupTemplate: (group) => element("span", { dir: "auto" }, group?.content ?? ""),
  };
  const groups = lane ? lanes.map((content, id) => ({ id, content })) : undefined;
  const { Timeline: Drawing } = globalThis.vis;
  return groups ? new Drawing(frame, data, groups, options) : new Drawing(frame, data, options);
}

function moving(timeline) {
  const by = (share) => {
    const { start, end } = timeline.getWindow();
    const shift = (end - start) * share;
    timeline.setWindow(start.getTime() + shift, end.getTime() + shift, { animation: false });
  };
  return [
    button("←", () => by(-0.4), { "aria-label": "Earlier" }),
    button("→", () => by(0.4), { "aria-label": "Later" }),
    button("+", () => timeline.zoomIn(0.5, { animation: false }), { "aria-label": "Zoom in" }),
    button("−", () => timeline.zoomOut(0.5, { animation: false }), { "aria-label": "Zoom out" }),
    button("All", () => timeline.fit({ animation: false }), { "aria-label": "Show all" }),
  ];
}

function list(items) {
  const rows = items.map((item) => element("li", {}, element("span", { class: "result-when" }, item.when), " ", item.link, item.exact ? element("small", {}, ` (${item.exact})`) : ""));
  const made = element("details", { class: "result-list" }, element("summary", {}, `The same as a list (${number(items.length)})`), element("ol", { class: "plain" }, ...rows));
  made.open = items.length <= 40;
  return made;
}
