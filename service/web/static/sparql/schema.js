// The schema from /schema.json: loaded once, looked up by IRI.

const RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
export const TYPE = `${RDF}type`;

/** Loads the schema of a service; rejects on failure. */
export async function readSchema(root) {
  const answer = await fetch(`${root}/schema.json`);
  if (!answer.ok) throw new Error(`/schema.json: ${answer.status}`);
  return new Schema(await answer.json());
}

/** The text of a term in the reader's language: English, else without a language, else any. */
export const inEnglish = (texts) => texts?.en ?? texts?.[""] ?? Object.values(texts ?? {})[0] ?? "";

export class Schema {
  constructor({ prefixes = {}, classes = [], properties = [] }) {
    this.prefixes = prefixes;
    this.classes = new Map(classes.map((each) => [each.iri, each]));
    this.properties = new Map(properties.map((each) => [each.iri, each]));
    this.values = new Map(
      classes.flatMap((of) => (of.values ?? []).map((value) => [value.iri, { ...value, of: of.iri }])),
    );
    this.used = new Map(classes.map((each) => [each.iri, new Map(each.properties.map((p) => [p.iri, p.count]))]));
  }

  /** Kind and term of an IRI: {kind, term}; null if it is not in the schema. */
  find(iri) {
    for (const [kind, terms] of [["class", this.classes], ["property", this.properties], ["value", this.values]]) {
      if (terms.has(iri)) return { kind, term: terms.get(iri) };
    }
    return null;
  }

  /** A class and all its superclasses. */
  above(iri, found = new Set()) {
    if (!found.has(iri)) {
      found.add(iri);
      for (const each of this.classes.get(iri)?.subClassOf ?? []) this.above(each, found);
    }
    return found;
  }

  /** The values of a property whose range is a closed list; else []. */
  listOf(property) {
    const term = this.properties.get(property);
    const classes = [...(term?.range ?? []), ...(term?.classes ?? []).map((each) => each.iri)];
    const lists = [...new Set(classes)].map((iri) => this.classes.get(iri)?.values ?? []);
    return [...new Map(lists.flat().map((value) => [value.iri, value])).values()];
  }
}

/** Names as a query writes them: by its own prefixes first, then by those of the service. */
export class Names {
  constructor(declared, known) {
    this.declared = declared;
    this.known = known;
  }

  /** The IRI of a token: `comity:State`, `<https://…>`, `a`; null where there is none. */
  iri(token) {
    if (token === "a") return TYPE;
    if (token.startsWith("<")) return token.endsWith(">") ? token.slice(1, -1) : null;
    const colon = token.indexOf(":");
    const prefix = token.slice(0, colon);
    const space = colon < 0 ? undefined : this.declared[prefix] ?? this.known[prefix];
    return space === undefined ? null : space + token.slice(colon + 1).replaceAll("\\", "");
  }

  /** How to write an IRI: {text, prefix, space}; the prefix must be declared if `space` is set. */
  write(iri) {
    for (const [prefixes, missing] of [[this.declared, false], [this.known, true]]) {
      const fitting = Object.entries(prefixes).filter(
        ([prefix, space]) =>
          space && iri.startsWith(space) && LOCAL.test(iri.slice(space.length)) && !(missing && prefix in this.declared),
      );
      if (fitting.length) {
        const [prefix, space] = fitting.reduce((one, other) => (other[1].length > one[1].length ? other : one));
        return { text: `${prefix}:${iri.slice(space.length)}`, prefix, space: missing ? space : null };
      }
    }
    return { text: `<${iri}>`, prefix: null, space: null };
  }
}

const LOCAL = /^[\p{L}\p{N}_][\p{L}\p{N}_-]*$/u;
