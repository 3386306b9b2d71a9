// Context of the views: the answer, its query, and the names in it.
import { bestLabel, irisIn, MOST_LABELS, readLabels } from "./labels.js";
import { readAnswer } from "./answer.js";
import { shortener } from "./terms.js";

/** The service's address, with a slash at its end; it may be below a folder. */
export const ROOT = new URL("../../../", import.meta.url).href;
export const ENDPOINT = `${ROOT}sparql`;

const answers = new WeakMap();
const asked = new WeakMap();

/** Records the request of the next answer of a YASR: {query, pairs} with further parameters. */
export function noteAsked(yasr, query, pairs) {
  asked.set(yasr, { query, pairs });
}

/** {query, pairs} of the shown answer. */
export function askedOf(yasr) {
  return asked.get(yasr) ?? { query: "", pairs: [] };
}

/** The form fields for the same query in another format. */
export function fieldsOf({ query, pairs }, format) {
  return [["query", query], ...pairs, ...(format ? [["format", format]] : [])];
}

/** The reader's language for names; "" for none. */
export function languageOf(yasr) {
  return yasr.config.plugins.table?.dynamicConfig?.language ?? "en";
}

/** {answer, asked, names} of a YASR, computed once per answer. */
export function contextOf(yasr) {
  const known = answers.get(yasr.results);
  if (known) return known;
  const answer = readAnswer(yasr.results);
  const made = { answer, asked: askedOf(yasr), names: new Names(answer.rows ?? [], yasr.getPrefixes()) };
  answers.set(yasr.results, made);
  return made;
}

/** The names of the things in rows: labels once loaded, short forms until then. */
class Names {
  constructor(rows, prefixes) {
    this.shorten = shortener(prefixes);
    this.rows = rows;
    this.labels = new Map();
    this.left = 0; // number of things without a label, beyond the limit of a request
    this.failed = false;
  }

  /** Resolves when the labels are loaded or have failed; requests them once. */
  ready() {
    this.reading ??= this.read();
    return this.reading;
  }

  async read() {
    const iris = irisIn(this.rows);
    this.left = Math.max(0, iris.length - MOST_LABELS);
    try {
      this.labels = await readLabels(ENDPOINT, iris);
    } catch {
      this.failed = true;
    }
  }

  /** The tags of the languages that labels are in. */
  languages() {
    return [...new Set([...this.labels.values()].flatMap(Object.keys))].filter(Boolean).sort();
  }

  /** A renderer of terms in a language; "" for short IRIs. */
  in(language) {
    return { label: (iri) => bestLabel(this.labels.get(iri), language), shorten: this.shorten };
  }
}
