// Rendering and comparison of terms.
import { element, pathOf } from "../../parts/details.js";

const XSD = "http://www.w3.org/2001/XMLSchema#";
const RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const PREFIXES = {
  comity: "https://w3id.org/comity/ontology#",
  id: "https://w3id.org/comity/id/",
  source: "https://w3id.org/comity/source/",
  graph: "https://w3id.org/comity/graph/",
  rdf: RDF,
  rdfs: "http://www.w3.org/2000/01/rdf-schema#",
  xsd: XSD,
  owl: "http://www.w3.org/2002/07/owl#",
  skos: "http://www.w3.org/2004/02/skos/core#",
  dcterms: "http://purl.org/dc/terms/",
  prov: "http://www.w3.org/ns/prov#",
  wd: "http://www.wikidata.org/entity/",
  geo: "http://www.opengis.net/ont/geosparql#",
};
const NUMBERS = new Set(
  `integer decimal double float long int short byte nonNegativeInteger positiveInteger nonPositiveInteger
   negativeInteger unsignedLong unsignedInt unsignedShort unsignedByte`.split(/\s+/).map((name) => XSD + name),
);
const DATES = new Set(["date", "dateTime", "dateTimeStamp", "gYear", "gYearMonth"].map((name) => XSD + name));
// Datatypes that need no label: the value shows them.
const PLAIN = new Set([...NUMBERS, ...DATES, `${XSD}string`, `${XSD}boolean`, `${RDF}langString`, undefined]);
const QUOTATION = /^(words|quotation|quote|exact|evidence)\d*$/i;
const RECORD = /^record\d*$/;
const SHOWN = 400; // characters of a long text, before the rest is requested

/** True if a column holds the words of a source, judged by its name in our queries. */
export const isQuotation = (column) => QUOTATION.test(column);

export const isIri = (term) => term?.type === "uri";
export const isNumber = (term) => NUMBERS.has(term?.datatype) && !Number.isNaN(numberOf(term));
export const isDate = (term) => DATES.has(term?.datatype) && Boolean(momentOf(term));

export function numberOf(term) {
  const text = term.value.trim().replace(/^(-?)INF$/, "$1Infinity");
  return text === "" ? NaN : Number(text);
}

/** {start, end, precision} of a date's whole extent, as times in milliseconds; null if it is not a date. */
export function momentOf(term) {
  const match = /^(-?\d{4,})(?:-(\d\d)(?:-(\d\d)(T\S+)?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(term?.value?.trim() ?? "");
  if (!match) return null;
  const [, year, month, day, time] = match;
  const at = (y, m, d) => {
    const date = new Date(Date.UTC(2000, m, d));
    date.setUTCFullYear(y + (date.getUTCFullYear() - 2000), date.getUTCMonth(), date.getUTCDate());
    return date.getTime();
  };
  const [y, m, d] = [Number(year), Number(month ?? 1) - 1, Number(day ?? 1)];
  if (m > 11 || m < 0 || d > 31 || d < 1) return null;
  if (!month) return { start: at(y, 0, 1), end: at(y, 12, 1), precision: "year" };
  if (!day) return { start: at(y, m, 1), end: at(y, m + 1, 1), precision: "month" };
  if (!time) return { start: at(y, m, d), end: at(y, m, d + 1), precision: "day" };
  const clock = /^T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/.exec(time);
  if (!clock) return null;
  const [, hours, minutes, seconds, part, zone] = clock;
  const shift = zone && zone !== "Z" ? (zone[0] === "-" ? -1 : 1) * (60 * zone.slice(1, 3) + Number(zone.slice(4))) : 0;
  const inside = ((Number(hours) * 60 + Number(minutes) - shift) * 60 + Number(seconds ?? 0)) * 1000 + Number(part ?? 0) * 1000;
  const start = at(y, m, d) + inside;
  return { start, end: start, precision: "second" };
}

/** A date in words, with its own precision. */
export function dateInWords(term) {
  const moment = momentOf(term);
  const year = Number.parseInt(term.value, 10);
  if (!moment || year < 1) return term.value;
  const options = {
    year: { year: "numeric" },
    month: { year: "numeric", month: "short" },
    day: { year: "numeric", month: "short", day: "numeric" },
    second: { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" },
  }[moment.precision];
  const words = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" }).format(new Date(moment.start));
  return moment.precision === "second" && /(Z|[+-]\d\d:\d\d)$/.test(term.value) ? `${words} UTC` : words;
}

/** A function that shortens IRIs by prefixes: those of the query first, then ours. */
export function shortener(prefixes = {}) {
  const known = Object.entries({ ...PREFIXES, ...prefixes })
    .filter(([, iri]) => iri)
    .sort((one, other) => other[1].length - one[1].length);
  return (iri) => {
    const found = known.find(([, base]) => iri.startsWith(base) && /^[\p{L}\p{N}_.-]*$/u.test(iri.slice(base.length)));
    return found ? `${found[0]}:${iri.slice(found[1].length)}` : iri;
  };
}

/** A term as plain text for copying: a full IRI, or the text of a literal. */
export function textOf(term) {
  if (!term) return "";
  if (term.type === "bnode") return `_:${term.value}`;
  if (term.type !== "triple") return term.value;
  const { subject, predicate, object } = term.value;
  return `<<( ${textOf(subject)} ${textOf(predicate)} ${textOf(object)} )>>`;
}

/** A term as a page element; `names` is {label(iri), shorten(iri)}. */
export function drawTerm(term, column, names) {
  if (term.type === "uri") return drawIri(term.value, names, RECORD.test(column));
  if (term.type === "triple") return drawTriple(term.value, names);
  if (term.type === "bnode") return element("span", { title: "A blank node" }, textOf(term));
  if (term.value === "") return element("span", { class: "faint", title: "An empty text" }, "“” (empty text)");
  if (isDate(term)) return element("time", { datetime: term.value, title: titleOf(term, names) }, dateInWords(term));
  if (isQuotation(column)) return element("q", { dir: "auto", lang: term["xml:lang"] }, term.value);
  return drawText(term, names);
}

function drawIri(iri, names, isRecord) {
  // The label of a record would repeat its row.
  const shown = (isRecord && iri.split("#")[1]) || (names.label(iri) ?? names.shorten(iri));
  const own = pathOf(iri);
  if (own) return element("a", { href: own, title: iri, dir: "auto" }, shown);
  if (/^https?:\/\//.test(iri)) return element("a", { href: iri, title: iri, rel: "noreferrer", dir: "auto" }, shown);
  return element("span", { title: iri, dir: "auto" }, shown);
}

function drawTriple({ subject, predicate, object }, names) {
  const parts = [subject, predicate, object].flatMap((term) => [drawTerm(term, "", names), " "]);
  return element("span", { title: "A triple, quoted" }, "<<( ", ...parts, ")>>");
}

function drawText(term, names) {
  const language = term["xml:lang"];
  const words = element("span", { dir: "auto", lang: language, title: titleOf(term, names) });
  if (term.value.length > 1.5 * SHOWN) {
    const whole = element("details", {}, element("summary", {}, `${term.value.slice(0, SHOWN)}…`), term.value);
    words.append(whole);
  } else words.append(term.value);
  const beside = language ?? (PLAIN.has(term.datatype) ? null : names.shorten(term.datatype));
  return beside ? element("span", {}, words, " ", element("small", {}, beside)) : words;
}

function titleOf(term, names) {
  if (term["xml:lang"]) return `Language: ${term["xml:lang"]}`;
  return term.datatype ? `${term.value.slice(0, 80)} (${names.shorten(term.datatype)})` : null;
}
