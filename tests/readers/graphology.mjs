// Reads graphs with graphology and prints them as JSON: node graphology.mjs gexf|graphml FILE...
import {readFileSync} from 'node:fs';

import graphology from 'graphology';
import gexf from 'graphology-gexf';
import graphml from 'graphology-graphml';

const [format, ...files] = process.argv.slice(2);
const parse = {gexf, graphml}[format].parse;
const found = files.map((file) => {
  const graph = parse(graphology, readFileSync(file, 'utf8'));
  return {
    nodes: Object.fromEntries(graph.mapNodes((node, said) => [node, said])),
    edges: graph.mapEdges((edge, said, source, target) => [edge, source, target, said]),
    said: graph.getAttributes(),
  };
});
process.stdout.write(JSON.stringify(found));
