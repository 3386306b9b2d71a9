// Asks a SPARQL endpoint with Comunica and prints JSON: node comunica.mjs ENDPOINT SELECT ASK CONSTRUCT
import { QueryEngine } from "@comunica/query-sparql";

const [endpoint, select, ask, construct] = process.argv.slice(2);
const engine = new QueryEngine();
const from = { sources: [{ type: "sparql", value: endpoint }] };
const bindings = await (await engine.queryBindings(select, from)).toArray();
const quads = await (await engine.queryQuads(construct, from)).toArray();
console.log(
  JSON.stringify({
    rows: bindings.map((row) => Object.fromEntries([...row].map(([name, term]) => [name.value, term.value]))),
    yes: await engine.queryBoolean(ask, from),
    triples: quads.map((quad) => [quad.subject.value, quad.predicate.value, quad.object.value]),
  }),
);
