// Reads an incomplete query: its triples, prefixes, variables, and the context at the caret.
// Not a SPARQL parser, which the service has. It never fails; at worst it returns nothing.

const TOKENS = new RegExp(
  [
    String.raw`(?<comment>#[^\n]*)`,
    String.raw`(?<iri><[^<>"{}|^${"`"}\\\s]*>)`,
    String.raw`(?<text>"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:[^"\\\n]|\\.)*(?:"|(?=\n)|$)|'(?:[^'\\\n]|\\.)*(?:'|(?=\n)|$))`,
    String.raw`(?<variable>[?$][\p{L}\p{N}_]*)`,
    String.raw`(?<name>(?:[\p{L}_][\p{L}\p{N}_.-]*)?:(?:[\p{L}\p{N}_:%\\-]|\.(?=[\p{L}\p{N}_:%-]))*)`,
    String.raw`(?<number>\d[\d.eE]*\b)`,
    String.raw`(?<tag>@[\w-]*)`,
    String.raw`(?<word>[\p{L}_][\p{L}\p{N}_]*)`,
    String.raw`(?<mark>\^\^|&&|\|\||!=|<=|>=|[^\s])`,
  ].join("|"),
  "gu",
);
const TERMS = new Set(["iri", "text", "variable", "name", "number"]);
const STARTS = /^(FILTER|BIND|OPTIONAL|UNION|GRAPH|SERVICE|MINUS|VALUES|EXISTS|NOT|WHERE|SILENT|HAVING)$/i;
const HEADS = /^(SELECT|CONSTRUCT|ASK|DESCRIBE|DISTINCT|REDUCED|FROM|NAMED|ORDER|GROUP|BY|LIMIT|OFFSET|ASC|DESC)$/i;

/** The tokens of a text: {type, text, from, to}. */
export function tokens(text) {
  return [...text.matchAll(TOKENS)].map((match) => {
    const type = Object.keys(match.groups).find((name) => match.groups[name] !== undefined);
    return { type, text: match[0], from: match.index, to: match.index + match[0].length };
  });
}

/** The prefixes that a query declares: {prefix: namespace}. */
export function prefixesOf(text) {
  const declared = /^\s*PREFIX\s+([^\s:]*):\s*<([^>\s]*)>/gim;
  return Object.fromEntries([...text.matchAll(declared)].map(([, prefix, space]) => [prefix, space]));
}

/**
 * The context at an offset of a query, and the content of the query:
 * {where, typed, from, to, subject, path, triples, variables}.
 *
 * `where` is prefix, head, subject, predicate, object, values, expression, none (in a string or a comment) or end (after an
 * object); `typed` is the token being typed, at `from` to `to`; `path` the steps before it.
 * `triples` are {subject, path: [{token, inverse}], object}, each a token's text.
 */
export function scope(text, offset) {
  const all = tokens(text);
  const at = all.find((each) => each.from < offset && offset <= each.to && isTyped(each, offset));
  const within = all.find((each) => each.from < offset && offset < each.to && ["text", "comment"].includes(each.type));
  const open = all.findLast((each) => each.to === offset && each.type === "comment");
  const reading = new Reading();
  for (const token of all) {
    if (token.type === "comment" || token === at) continue;
    if (token.from >= offset) reading.cut(offset, token);
    reading.take(token);
  }
  if (!reading.place) reading.cut(offset, null);
  const variables = new Set(all.filter((each) => each.type === "variable" && each !== at).map((each) => each.text));
  variables.delete("?");
  return {
    ...reading.place,
    ...(within || open ? { where: "none" } : {}),
    typed: at?.text ?? "",
    from: at?.from ?? offset,
    to: at?.to ?? offset,
    triples: reading.triples,
    variables: [...variables],
  };
}

function isTyped(token, offset) {
  return ["word", "name", "variable"].includes(token.type) || (token.type === "mark" && token.text === ":" && token.to === offset);
}

/** Reads tokens one by one; a frame for each bracket that is open. */
class Reading {
  constructor() {
    this.frames = [{ kind: "head", state: "head" }];
    this.triples = [];
    this.place = null;
    this.blank = 0;
  }

  get frame() {
    return this.frames.at(-1);
  }

  /** Records the token, and starts something new if it does not continue. */
  cut(offset, next) {
    if (this.place) return;
    const { kind, state, subject, path = [] } = this.frame;
    this.place = { where: kind === "group" || kind === "head" ? state : kind, subject, path: [...path] };
    if (next && kind === "group" && !/^[;,.})\]]$/.test(next.text)) this.frame.state = "subject";
  }

  take(token) {
    const { type, text } = token;
    const { frame } = this;
    if (text === "{") return this.open(/^VALUES$/i.test(frame.keyword ?? "") ? "values" : "group", "subject");
    if (text === "[" && frame.kind === "group") return this.bracket();
    if (text === "(" && !(frame.kind === "group" && frame.state === "predicate")) return this.open("expression", "expression");
    if (/^[)}\]]$/.test(text) && this.frames.length > 1) return this.close(text);
    if (frame.kind === "head") return this.head(token);
    if (frame.kind !== "group") return undefined;
    if (type === "word" && text !== "a") return this.keyword(text);
    return this.triple(token, TERMS.has(type) || text === "a");
  }

  head({ type, text }) {
    if (type === "word") {
      this.frame.state = /^PREFIX$/i.test(text) ? "prefix" : "head";
      this.frame.keyword = text;
    } else if (type === "iri") this.frame.state = "head";
  }

  open(kind, state) {
    this.frame.keyword = "";
    this.frames.push({ kind, state });
  }

  bracket() {
    const subject = `[${(this.blank += 1)}]`;
    this.triple({ type: "variable", text: subject }, true);
    this.frames.push({ kind: "group", state: "predicate", subject, path: [] });
  }

  close(text) {
    if (text === ")" && this.frame.kind === "group") return; // of a path
    this.frames.pop();
    if (text === "}" && this.frame.kind === "group") this.frame.state = "subject";
  }

  keyword(text) {
    const { frame } = this;
    if (HEADS.test(text)) Object.assign(frame, { state: "head", keyword: text });
    else if (STARTS.test(text) || frame.state !== "predicate") Object.assign(frame, { state: "subject", keyword: text });
  }

  triple({ type, text }, isTerm) {
    const { frame } = this;
    const modifier = type === "variable" && text === "?"; // of a path
    if (frame.state === "head" || /^(GRAPH|SERVICE|VALUES)$/i.test(frame.keyword ?? "")) return;
    if (isTerm && !modifier) this.term(frame, text);
    else if (text === ".") Object.assign(frame, { state: "subject", keyword: "" });
    else if (text === ";") Object.assign(frame, { state: "predicate", path: [] });
    else if (text === "," && frame.state === "end") frame.state = "object";
    else if (text === "^" && frame.state === "predicate") frame.inverse = true;
    else if (/^[/|]$/.test(text) && frame.state === "object") frame.state = "predicate";
  }

  term(frame, text) {
    if (frame.state === "subject" || frame.state === "end") {
      Object.assign(frame, { subject: text, path: [], state: "predicate", keyword: "", inverse: false });
    } else if (frame.state === "predicate") {
      frame.path = [...frame.path, { token: text, inverse: Boolean(frame.inverse) }];
      Object.assign(frame, { state: "object", inverse: false });
    } else {
      this.triples.push({ subject: frame.subject, path: frame.path, object: text });
      frame.state = "end";
    }
  }
}
