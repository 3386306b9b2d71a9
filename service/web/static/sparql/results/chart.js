// A column of numbers against another: bars, lines or points.
import { element } from "../../parts/details.js";
import { onScheme } from "../../parts/palette.js";
import { datesIn, namingIn, numbersIn } from "./columns.js";
import { languageOf } from "./context.js";
import { script } from "./library.js";
import { absent, choice, number, some, warning } from "./parts.js";
import { dateInWords, isDate, isIri, momentOf, numberOf, textOf } from "./terms.js";
import { noneOfBoolean, View } from "./view.js";

const MOST = { bar: 60, line: 1000, scatter: 2000 };
const KINDS = [["bar", "Bars"], ["line", "Line"], ["scatter", "Points"]];

export class ChartView extends View {
  label = "Chart";

  async show(place, context) {
    const { answer } = context;
    if (answer.kind === "boolean") return place.append(noneOfBoolean("numbers", answer));
    const numbers = answer.rows ? numbersIn(answer) : [];
    if (!numbers.length) return place.append(numberless());
    place.append(element("p", { role: "status" }, "Drawing the chart…"));
    try {
      await Promise.all([script("chart.js/dist/chart.umd.min.js"), context.names.ready()]);
    } catch (error) {
      return place.replaceChildren(absent("No chart", element("p", {}, `The drawing library could not be loaded: ${error.message}.`)));
    }
    if (!this.shows(place)) return;
    this.chosen = { ...byDefault(answer, numbers), ...(this.own === answer ? this.chosen : {}) };
    this.own = answer;
    this.lay(place, context, numbers, languageOf(this.yasr));
    this.unwatch = onScheme(() => this.shows(place) && this.lay(place, context, numbers, languageOf(this.yasr)));
  }

  lay(place, context, numbers, language) {
    const { answer } = context;
    const names = context.names.in(language);
    const changed = (key) => (value) => {
      this.chosen = { ...this.chosen, [key]: value };
      if (this.chosen.kind === "scatter" && !numbers.includes(this.chosen.across)) this.chosen.across = numbers[0];
      this.lay(place, context, numbers, language);
    };
    const { kind, across, up } = this.chosen;
    const columns = (list) => list.map((column) => [column, column]);
    const tools = element(
      "div",
      { class: "result-tools" },
      choice("Draw", KINDS, kind, changed("kind")),
      choice("Across", columns(kind === "scatter" ? numbers : answer.columns), across, changed("across")),
      choice("Up", columns(numbers), up, changed("up")),
    );
    const all = pointsOf(answer.rows, this.chosen, names);
    const points = all.slice(0, MOST[kind]);
    const canvas = element("canvas", { role: "img", "aria-label": `${up} by ${across}: ${some(points.length, "value")}. The numbers are in the table below.` });
    this.forget();
    place.replaceChildren(...told(all, points, answer.rows.length), tools, element("div", { class: "result-chart" }, canvas), tableOf(points, this.chosen));
    this.chart = drawn(canvas, points, this.chosen);
  }

  forget() {
    this.chart?.destroy();
    this.chart = undefined;
  }

  destroy() {
    this.unwatch?.();
    this.unwatch = undefined;
    this.forget();
    super.destroy();
  }
}

function numberless() {
  return absent(
    "This answer has no numbers",
    element("p", {}, "A chart needs a column whose every value is a number, as from SELECT ?state (COUNT(?position) AS ?positions) … GROUP BY ?state."),
  );
}

function byDefault(answer, numbers) {
  const dates = datesIn(answer);
  const up = numbers.at(-1);
  const others = answer.columns.filter((column) => !numbers.includes(column));
  if (dates.length) return { kind: "line", across: dates[0], up };
  if (!others.length && numbers.length > 1) return { kind: "scatter", across: numbers[0], up: numbers[1] };
  return { kind: "bar", across: namingIn(answer, numbers), up };
}

function pointsOf(rows, { kind, across, up }, names) {
  const points = rows
    .filter((row) => row[across] && row[up])
    .map((row) => ({ name: wordsOf(row[across], names), x: placeOf(row[across]), y: numberOf(row[up]) }))
    .filter(({ y }) => Number.isFinite(y));
  // A line is sorted by time, or by value, if the values allow it.
  if (kind !== "bar" && points.every(({ x }) => x !== null)) points.sort((one, other) => one.x - other.x);
  return points;
}

function placeOf(term) {
  if (isDate(term)) return momentOf(term).start;
  const value = term.type === "literal" ? numberOf(term) : NaN;
  return Number.isFinite(value) ? value : null;
}

function wordsOf(term, names) {
  if (isIri(term)) return names.label(term.value) ?? names.shorten(term.value);
  return isDate(term) ? dateInWords(term) : textOf(term);
}

function told(all, points, rows) {
  const notes = [];
  if (points.length < all.length) notes.push(warning(`The first ${number(points.length)} of ${some(all.length, "value")} are drawn, in the order of the answer; use ORDER BY and LIMIT to choose others.`));
  if (all.length < rows) notes.push(element("p", { class: "note" }, `${some(rows - all.length, "row")} of ${number(rows)} ${rows - all.length === 1 ? "has" : "have"} no value in one of the two columns and ${rows - all.length === 1 ? "is" : "are"} left out.`));
  return notes;
}

function drawn(canvas, points, { kind, across, up }) {
  const [text, line, colour] = ["--text", "--line", "--link"].map((token) => colourOf(canvas, token));
  globalThis.Chart.defaults.font.family = getComputedStyle(canvas).fontFamily;
  globalThis.Chart.defaults.font.size = 13;
  const cut = (words) => (words.length > 28 ? `${words.slice(0, 27)}…` : words);
  const axis = (title) => ({ title: { display: true, text: title, color: text }, ticks: { color: text }, grid: { color: line } });
  const lying = kind === "bar" && points.length > 8; // many names are easier to read on the left
  const [x, y] = [axis(lying ? up : across), axis(lying ? across : up)];
  const value = lying ? x : y;
  if (kind !== "scatter") Object.assign(lying ? y.ticks : x.ticks, { autoSkip: kind === "line", callback: (place) => cut(points[place]?.name ?? "") });
  if (kind === "bar") value.beginAtZero = true; // a bar's length is its value
  const data = kind === "scatter" ? points.map((point) => ({ x: point.x, y: point.y })) : points.map((point) => point.y);
  canvas.parentElement.style.height = lying ? `${Math.max(320, 26 * points.length + 80)}px` : "420px";
  return new globalThis.Chart(canvas, {
    type: kind,
    data: {
      labels: kind === "scatter" ? undefined : points.map((point) => point.name),
      datasets: [{ label: up, data, backgroundColor: colour, borderColor: colour, pointRadius: kind === "scatter" ? 4 : 2, borderWidth: kind === "line" ? 2 : 0 }],
    },
    options: {
      animation: false,
      indexAxis: lying ? "y" : "x",
      maintainAspectRatio: false,
      plugins: { legend: { display: false }, tooltip: { callbacks: { title: ([item]) => points[item.dataIndex]?.name ?? "" } } },
      scales: { x, y },
    },
  });
}

/** The current value of a style token, which a canvas can't read itself. */
function colourOf(canvas, token) {
  canvas.style.color = `var(${token})`;
  return getComputedStyle(canvas).color;
}

function tableOf(points, { across, up }) {
  const rows = points.map(({ name, y }) => element("tr", {}, element("th", { scope: "row", dir: "auto" }, name), element("td", { class: "number" }, String(y))));
  const head = element("thead", {}, element("tr", {}, element("th", { scope: "col" }, across), element("th", { scope: "col", class: "number" }, up)));
  const table = element("table", { class: "result-numbers" }, head, element("tbody", {}, ...rows));
  return element("details", {}, element("summary", {}, `The numbers (${number(points.length)})`), table);
}
