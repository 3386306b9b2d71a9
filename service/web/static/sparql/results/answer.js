// The response, parsed once and unmodified, whatever its form.
//
//   {kind: "table", columns, rows, text, type}   rows are {column: term}, terms as SPARQL's JSON has them
//   {kind: "boolean", boolean, text, type}
//   {kind: "graph", columns, rows, text, type, problem}   rows are triples; null with a problem in words
//   {kind: "broken", problem, text, type}   the response is not an answer, or incomplete

const TRIPLE = ["subject", "predicate", "object"];

/** The answer that Yasr's parser holds; YASR's own reading would change braces in texts. */
export function readAnswer(results) {
  const { text, type } = received(results);
  const broken = (problem) => ({ kind: "broken", problem, text, type });
  if (/json/.test(type) && !/ld\+json/.test(type)) return readJson(text, type, broken);
  if (/turtle|n-triples|n-quads|trig/.test(type)) return readTriples(text, type, results);
  if (/xml|csv|tab-separated/.test(type) && !/rdf\+xml/.test(type)) {
    const read = results.getAsJson();
    if (!read) return broken("It can't be read as a table.");
    if (read.boolean !== undefined) return { kind: "boolean", boolean: read.boolean, text, type };
    return { kind: "table", columns: read.head.vars, rows: read.results.bindings, text, type };
  }
  if (/rdf\+xml|ld\+json/.test(type))
    return { kind: "graph", columns: TRIPLE, rows: null, problem: `${type} can only be shown as received.`, text, type };
  return broken(`It is ${type || "of no known type"}, which is not an answer to a query.`);
}

function readJson(text, type, broken) {
  let read;
  try {
    read = JSON.parse(text);
  } catch {
    return broken("The answer is incomplete, or not JSON: its end is missing.");
  }
  if (typeof read?.boolean === "boolean") return { kind: "boolean", boolean: read.boolean, text, type };
  if (!Array.isArray(read?.head?.vars) || !Array.isArray(read?.results?.bindings))
    return broken("It is JSON, but not an answer to a query.");
  return { kind: "table", columns: read.head.vars, rows: read.results.bindings, text, type };
}

function readTriples(text, type, results) {
  if (!text.trim()) return { kind: "graph", columns: TRIPLE, rows: [], text, type };
  const read = results.getAsJson();
  if (!read) {
    const problem = "This page can't parse the triples; they are shown as received.";
    return { kind: "graph", columns: TRIPLE, rows: null, problem, text, type };
  }
  return { kind: "graph", columns: TRIPLE, rows: read.results.bindings, text, type };
}

/** The bytes as text, and their type; YASR stores an empty answer elsewhere. */
function received(results) {
  const summary = results.summary?.data;
  const empty = summary && typeof summary === "object" && "content" in summary ? summary : null;
  const text = results.res?.content ?? (empty ? empty.content : summary);
  const type = empty ? empty.headers?.get("content-type") : results.getContentType();
  return { text: typeof text === "string" ? text : JSON.stringify(text ?? ""), type: (type ?? "").split(";")[0] };
}
