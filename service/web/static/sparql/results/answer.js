// What came back, read once, whatever its form: nothing of it is touched up.
//
//   {kind: "table", columns, rows, text, type}   rows are {column: term}, terms as SPARQL's JSON has them
//   {kind: "boolean", boolean, text, type}
//   {kind: "graph", columns, rows, text, type, problem}   rows are triples; null with a problem in words
//   {kind: "broken", problem, text, type}   what came is no answer, or only the beginning of one

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
    return { kind: "graph", columns: TRIPLE, rows: null, problem: `${type} is shown as it came only.`, text, type };
  return broken(`It is ${type || "of no known type"}, which is no answer to a query.`);
}

function readJson(text, type, broken) {
  let read;
  try {
    read = JSON.parse(text);
  } catch {
    return broken("The answer broke off, or is not JSON: its end is missing.");
  }
  if (typeof read?.boolean === "boolean") return { kind: "boolean", boolean: read.boolean, text, type };
  if (!Array.isArray(read?.head?.vars) || !Array.isArray(read?.results?.bindings))
    return broken("It is JSON, but no answer to a query.");
  return { kind: "table", columns: read.head.vars, rows: read.results.bindings, text, type };
}

function readTriples(text, type, results) {
  if (!text.trim()) return { kind: "graph", columns: TRIPLE, rows: [], text, type };
  const read = results.getAsJson();
  if (!read) {
    const problem = "The triples can't be listed here, since this page can't read them; they are shown as they came.";
    return { kind: "graph", columns: TRIPLE, rows: null, problem, text, type };
  }
  return { kind: "graph", columns: TRIPLE, rows: read.results.bindings, text, type };
}

/** The bytes as text, and their type; YASR keeps an empty answer in a place of its own. */
function received(results) {
  const summary = results.summary?.data;
  const empty = summary && typeof summary === "object" && "content" in summary ? summary : null;
  const text = results.res?.content ?? (empty ? empty.content : summary);
  const type = empty ? empty.headers?.get("content-type") : results.getContentType();
  return { text: typeof text === "string" ? text : JSON.stringify(text ?? ""), type: (type ?? "").split(";")[0] };
}
