// Infers the classes of a variable from the query, and the terms that fit.
import { TYPE } from "./schema.js";

const MANY = 8; // candidate classes; with more, nothing is known of a variable

/** The IRIs of the possible classes of a term of the query; [] if unknown. */
export function classesOf(term, triples, schema, names) {
  const said = triples.filter((each) => each.subject === term && names.iri(each.path[0].token) === TYPE);
  const stated = said.map((each) => names.iri(each.object)).filter((iri) => schema.classes.has(iri));
  if (stated.length) return stated;
  const clues = cluesOf(term, triples, names).filter((clue) => schema.properties.has(clue.property));
  if (!clues.length) return [];
  const fitting = [...schema.classes.values()].filter(
    (each) => each.count && clues.every((clue) => fits(each.iri, clue, schema)),
  );
  if (!fitting.length || fitting.length > MANY) return declared(clues, schema);
  if (!clues.some((clue) => clue.has)) return fitting.map((each) => each.iri);
  const fewest = Math.min(...fitting.map((each) => each.count));
  return fitting.filter((each) => each.count === fewest).map((each) => each.iri);
}

/** The properties that a term has, and those that it is the value of. */
function cluesOf(term, triples, names) {
  return triples.flatMap(({ subject, path, object }) => {
    const [first, last] = [path[0], path.at(-1)];
    return [
      ...(subject === term ? [{ property: names.iri(first.token), has: !first.inverse }] : []),
      ...(object === term ? [{ property: names.iri(last.token), has: last.inverse }] : []),
    ];
  });
}

function fits(iri, { property, has }, schema) {
  if (has) return schema.used.get(iri).has(property);
  return schema.properties.get(property).classes.some((each) => each.iri === iri);
}

/** Based on the ontology's statements about the properties only. */
function declared(clues, schema) {
  const said = clues.flatMap(({ property, has }) => schema.properties.get(property)[has ? "domain" : "range"]);
  return [...new Set(said)].filter((iri) => schema.classes.has(iri));
}

/** The classes at the end of a path. */
export function endsOf(path, schema, names) {
  const last = path.at(-1);
  const property = schema.properties.get(names.iri(last.token));
  if (!property) return [];
  if (last.inverse) return property.domain;
  return property.classes.length ? property.classes.map((each) => each.iri) : property.range;
}

/** How often things of these classes have each property: a Map of counts, most common first. */
export function propertiesOf(classes, schema) {
  const found = new Map();
  const all = new Set(classes.flatMap((iri) => [...schema.above(iri)]));
  for (const iri of classes) {
    for (const [property, count] of schema.used.get(iri) ?? []) found.set(property, Math.max(count, found.get(property) ?? 0));
  }
  for (const each of schema.properties.values()) {
    if (!found.has(each.iri) && each.domain.some((iri) => all.has(iri))) found.set(each.iri, 0);
  }
  return new Map([...found].sort((one, other) => other[1] - one[1]));
}
