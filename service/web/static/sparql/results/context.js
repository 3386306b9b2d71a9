// What the views share: the answer, the query that it answers, the names of what is in it.
import { bestLabel, irisIn, MOST_LABELS, readLabels } from "./labels.js";
import { readAnswer } from "./answer.js";
import { shortener } from "./terms.js";

/** The service's address, with a slash at its end; it may lie below a folder. */
export const ROOT = new URL("../../../", import.meta.url).href;
export const ENDPOINT = `${ROOT}sparql`;

const answers = new WeakMap();
const asked = new WeakMap();

/** Notes what a YASR will get the answer to: {query, pairs}, pairs being its further parameters. */
export function noteAsked(yasr, query, pairs) {
  asked.set(yasr, { query, pairs });
}

/** {query, pairs} of the answer shown. */
export function askedOf(yasr) {
  return asked.get(yasr) ?? { query: "", pairs: [] };
}

/** The fields of a form that asks the same query in another format. */
export function fieldsOf({ query, pairs }, format) {
  return [["query", query], ...pairs, ...(format ? [["format", format]] : [])];
}

/** The language that the reader wants names in; "" for none. */
export function languageOf(yasr) {
  return yasr.config.plugins.table?.dynamicConfig?.language ?? "en";
}

/** {answer, asked, names} of what a YASR shows; made once for each answer. */
export function contextOf(yasr) {
  const known = answers.get(yasr.results);
  if (known) return known;
  const answer = readAnswer(yasr.results);
  const made = { answer, asked: askedOf(yasr), names: new Names(answer.rows ?? [], yasr.getPrefixes()) };
  answers.set(yasr.results, made);
  return made;
}

/** The names of the things in some rows: labels once they are there, short forms until then. */
class Names {
  constructor(rows, prefixes) {
    this.shorten = shortener(prefixes);
    this.rows = rows;
    this.labels = new Map();
    this.left = 0; // how many things have no label since they are too many to ask for
    this.failed = false;
  }

  /** Resolves when the labels are known, or can't be; asks for them but once. */
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

  /** What draws terms in a language; "" for none, which shows short IRIs. */
  in(language) {
    return { label: (iri) => bestLabel(this.labels.get(iri), language), shorten: this.shorten };
  }
}
