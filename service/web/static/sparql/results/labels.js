// The labels of things, requested once per answer.
import { isIri } from "./terms.js";

// Further things of an answer show their short names.
export const MOST_LABELS = 3000;
const PROPERTIES = ["http://www.w3.org/2000/01/rdf-schema#label", "http://www.w3.org/2004/02/skos/core#prefLabel"];

/** The IRIs in some rows, each once, in their order; those in quoted triples too. */
export function irisIn(rows) {
  const found = new Set();
  const add = (term) => {
    if (isIri(term)) found.add(term.value);
    else if (term?.type === "triple") Object.values(term.value).forEach(add);
  };
  for (const row of rows) Object.values(row).forEach(add);
  return [...found];
}

/** The labels in every language, {iri: {language: label}}, by one query. Throws if it fails. */
export async function readLabels(endpoint, iris, signal) {
  const safe = iris.filter((iri) => !/[<>"{}|^`\\\s]/.test(iri)).slice(0, MOST_LABELS);
  const found = new Map();
  if (!safe.length) return found;
  const query = `SELECT ?thing ?label WHERE {
  VALUES ?thing { ${safe.map((iri) => `<${iri}>`).join(" ")} }
  VALUES ?property { ${PROPERTIES.map((iri) => `<${iri}>`).join(" ")} }
  ?thing ?property ?label
}`;
  const answer = await fetch(endpoint, { method: "POST", body: new URLSearchParams({ query, format: "srj" }), signal });
  if (!answer.ok) throw new Error(`labels: ${answer.status}`);
  for (const { thing, label } of (await answer.json()).results.bindings) {
    const known = found.get(thing.value) ?? {};
    const language = (label["xml:lang"] ?? "").toLowerCase();
    // Of two in one language the alphabetically first, to be deterministic.
    if (!(known[language] <= label.value)) known[language] = label.value;
    found.set(thing.value, known);
  }
  return found;
}

/** The label for a reader of `language`; undefined if there is none. */
export function bestLabel(labels, language) {
  if (!labels || !language) return undefined;
  return labels[language] ?? labels[language.split("-")[0]] ?? labels.en ?? labels[""] ?? labels[Object.keys(labels).sort()[0]];
}
