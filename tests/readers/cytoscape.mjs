// Reads graphs with cytoscape.js, without a screen, and prints them as JSON: node cytoscape.mjs FILE...
import {readFileSync} from 'node:fs';

import cytoscape from 'cytoscape';

// It warns of what it drops or mends; nothing is to be dropped.
console.warn = console.error = (...message) => {
  throw new Error(message.join(' '));
};
const found = process.argv.slice(2).map((file) => {
  const {data, elements} = JSON.parse(readFileSync(file, 'utf8'));
  const graph = cytoscape({headless: true, layout: {name: 'preset'}, data, elements});
  return {
    nodes: Object.fromEntries(
      graph.nodes().map((node) => [node.id(), {...node.data(), ...node.position()}]),
    ),
    edges: graph.edges().map((edge) => [edge.id(), edge.source().id(), edge.target().id(), edge.data()]),
    said: graph.data(),
  };
});
process.stdout.write(JSON.stringify(found));
