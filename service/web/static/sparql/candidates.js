// Completion candidates at the caret with descriptions, most likely first.
import { classesOf, endsOf, propertiesOf } from "./knowledge.js";
import { inEnglish, Names, TYPE } from "./schema.js";
import { prefixesOf } from "./scope.js";

const MOST = 60;
const SUB_CLASS = "http://www.w3.org/2000/01/rdf-schema#subClassOf";
const CLAUSES = {
  OPTIONAL: ["OPTIONAL { ", "keeps a row even without this"],
  FILTER: ["FILTER (", "keeps the rows for which this is true"],
  "FILTER NOT EXISTS": ["FILTER NOT EXISTS { ", "keeps the rows for which this has no match"],
  VALUES: ["VALUES ?", "the values that a variable may have"],
  BIND: ["BIND (", "names a value: BIND (… AS ?name)"],
  UNION: ["UNION { ", "or else: { … } UNION { … }"],
  MINUS: ["MINUS { ", "removes the rows that match this"],
  GRAPH: ["GRAPH ?graph { ", "matches in a named graph"],
};
const HEADS = {
  SELECT: ["SELECT ", "a table of variables"],
  "SELECT DISTINCT": ["SELECT DISTINCT ", "a table without duplicate rows"],
  CONSTRUCT: ["CONSTRUCT { ", "a graph, as for a network"],
  ASK: ["ASK { ", "yes or no"],
  DESCRIBE: ["DESCRIBE ", "a description of a thing"],
  PREFIX: ["PREFIX ", "an abbreviation for the beginning of names"],
  WHERE: ["WHERE { ", "the pattern to look for"],
  "ORDER BY": ["ORDER BY ", "sorts the rows"],
  "GROUP BY": ["GROUP BY ", "one row for each value"],
  HAVING: ["HAVING (", "keeps the groups for which this is true"],
  LIMIT: ["LIMIT ", "the maximum number of rows"],
};
const FUNCTIONS = {
  COUNT: "the number", SUM: "the sum", AVG: "the average", MIN: "the minimum", MAX: "the maximum", SAMPLE: "any one of them",
  GROUP_CONCAT: "all texts in one", STR: "as a plain text", LANG: "the language of a text", LANGMATCHES: "tests if a language is in a range",
  CONTAINS: "tests if a text contains another", STRSTARTS: "tests if a text begins with another", REGEX: "tests if a text matches a pattern",
  LCASE: "in lower case", CONCAT: "texts joined", REPLACE: "with a part replaced", BOUND: "tests if a variable has a value",
  COALESCE: "the first that has a value", IF: "one value or another", YEAR: "the year of a date", MONTH: "the month of a date",
  DATATYPE: "the datatype of a value", isIRI: "tests if it is a thing", isLiteral: "tests if it is a text, number or date", EXISTS: "tests if the pattern has a match",
};

/** The candidates at a place found by `scope`; the schema is null until it is loaded. */
export function candidates(place, text, schema) {
  const names = new Names(prefixesOf(text), schema?.prefixes ?? {});
  const by = BY_PLACE[place.where];
  if (!by) return [];
  return ranked(by(place, names, schema), place.typed);
}

const BY_PLACE = {
  head: (place) => [...words(HEADS), ...variables(place), ...functions()],
  prefix: (place, names, schema) => prefixes(names, schema),
  subject: (place) => [...words(CLAUSES), ...variables(place)],
  predicate: (place, names, schema) => [...properties(place, names, schema), ...variables(place)],
  object: (place, names, schema) => objects(place, names, schema),
  values: () => [],
  expression: (place, names, schema) => [...variables(place), ...functions(), ...listed(place, names, schema)],
  end: () => [],
};

function words(of) {
  return Object.entries(of).map(([name, [insert, definition]]) => ({ name, insert, kind: "keyword", definition }));
}

function functions() {
  return Object.entries(FUNCTIONS).map(([name, definition]) => ({ name, insert: `${name}(`, kind: "function", definition }));
}

function variables({ variables }) {
  return variables.map((name) => ({ name, insert: name, kind: "variable", definition: "" }));
}

function prefixes(names, schema) {
  return Object.entries(schema?.prefixes ?? {})
    .filter(([prefix]) => !(prefix in names.declared))
    .map(([prefix, space]) => ({ name: `${prefix}:`, insert: `${prefix}: <${space}>\n`, kind: "prefix", definition: space }));
}

function written(term, names, kind, further = {}) {
  const { text, prefix, space } = names.write(term.iri);
  const label = inEnglish(term.label);
  return { name: text, insert: text, kind, label, definition: inEnglish(term.definition), iri: term.iri, prefix, space, ...further };
}

function properties({ subject, path, triples }, names, schema) {
  if (!schema) return [];
  const classes = path.length ? endsOf(path, schema, names) : classesOf(subject, triples, schema, names);
  const fitting = propertiesOf(classes, schema);
  const type = { name: "a", insert: "a ", kind: "property", label: "is a", definition: "The class of a thing.", iri: TYPE, fits: true };
  const known = [...fitting.keys()].filter((iri) => iri !== TYPE && schema.properties.has(iri));
  const others = [...schema.properties.values()]
    .filter((each) => !fitting.has(each.iri) && each.iri !== TYPE)
    .sort((one, other) => other.count - one.count)
    .map((each) => each.iri);
  const all = [...known, ...others].map((iri) => {
    const term = schema.properties.get(iri);
    return written(term, names, "property", {
      fits: fitting.has(iri) || !classes.length,
      count: fitting.get(iri) ?? term.count,
      leads: term.range.map((range) => names.write(range).text).join(", "),
    });
  });
  const typed = triples.some((each) => each.subject === subject && names.iri(each.path[0].token) === TYPE);
  return path.length || typed ? [...all, type] : [type, ...all];
}

function objects(place, names, schema) {
  const last = place.path.at(-1);
  const property = last && names.iri(last.token);
  if (schema && (property === TYPE || property === SUB_CLASS)) return [...classes(place, names, schema), ...variables(place)];
  const list = schema ? schema.listOf(property).map((value) => written(value, names, "value", { fits: true })) : [];
  return [...list, ...fresh(last, property, place, schema), ...truths(property, schema), ...variables(place)];
}

/** A variable named after the property, the usual continuation. */
function fresh(last, property, { variables, subject }, schema) {
  if (!property || last.inverse || property === TYPE) return [];
  const local = property.match(/[^#/]*$/)[0].replace(/[^A-Za-z0-9_]/g, "");
  const name = `?${local}`;
  if (!local || variables.includes(name) || name === subject) return [];
  const label = inEnglish(schema?.properties.get(property)?.label);
  return [{ name, insert: name, kind: "variable", label: "new", definition: label ? `Any value of ${label}` : "" }];
}

function truths(property, schema) {
  const range = schema?.properties.get(property)?.range ?? [];
  if (!range.some((iri) => iri.endsWith("#boolean"))) return [];
  return ["true", "false"].map((name) => ({ name, insert: name, kind: "value", definition: "" }));
}

function classes({ subject, triples }, names, schema) {
  const others = triples.filter((each) => !(each.subject === subject && names.iri(each.path[0].token) === TYPE));
  const fitting = new Set(classesOf(subject, others, schema, names).flatMap((iri) => [...schema.above(iri)]));
  return [...schema.classes.values()]
    .sort((one, other) => fitting.has(other.iri) - fitting.has(one.iri) || other.count - one.count)
    .map((each) => written(each, names, "class", { fits: fitting.has(each.iri) || !fitting.size, count: each.count }));
}

/** In an expression: the values of the closed lists used in the query. */
function listed({ triples }, names, schema) {
  const asked = triples.map((each) => names.iri(each.path.at(-1).token));
  const found = schema ? asked.flatMap((iri) => schema.listOf(iri)) : [];
  return [...new Map(found.map((value) => [value.iri, written(value, names, "value", { fits: true })])).values()];
}

/** The candidates that match the typed text: start of the name, of its last part, of a word of the label, anywhere. */
function ranked(all, typed) {
  const sought = typed.toLowerCase();
  if (!sought) return all.filter((each) => each.fits !== false).slice(0, MOST);
  const rated = all.map((each, place) => ({ each, place, rate: rate(each, sought) })).filter(({ rate }) => rate < 9);
  rated.sort((one, other) => one.rate - other.rate || one.place - other.place);
  return rated.slice(0, MOST).map(({ each }) => each);
}

function rate({ name, label = "", fits }, sought) {
  const [whole, local] = [name.toLowerCase(), name.toLowerCase().replace(/^[^:]*:/, "")];
  const misfit = fits === false ? 4 : 0;
  if (whole.startsWith(sought)) return misfit;
  if (local.startsWith(sought)) return misfit + 1;
  if (label.toLowerCase().split(/\s+/).some((word) => word.startsWith(sought))) return misfit + 2;
  return local.includes(sought) ? misfit + 3 : 9;
}
