// Lays out a network with fCoSE, off the main thread so that the page stays responsive. A classic
// worker, since these libraries are not modules.
"use strict";

// Receives {libraries, nodes, edges, options}; posts {positions: {id: {x, y}}}.
onmessage = ({ data: { libraries, nodes, edges, options } }) => {
  if (!self.cytoscapeFcose) {
    importScripts(
      ...[
        "cytoscape/dist/cytoscape.min.js",
        "layout-base/layout-base.js",
        "cose-base/cose-base.js",
        "cytoscape-fcose/cytoscape-fcose.js",
      ].map((file) => `${libraries}/${file}`),
    );
    self.cytoscape.use(self.cytoscapeFcose);
  }
  seed(20210226);
  const cy = self.cytoscape({
    headless: true,
    styleEnabled: true,
    style: [{ selector: "node", style: { width: "data(width)", height: "data(height)" } }],
    elements: { nodes, edges },
  });
  cy.one("layoutstop", () => {
    const positions = {};
    cy.nodes().forEach((node) => {
      positions[node.id()] = { x: Math.round(node.position("x")), y: Math.round(node.position("y")) };
    });
    postMessage({ positions });
    cy.destroy();
  });
  cy.layout({ name: "fcose", animate: false, fit: false, ...options }).run();
};

/** Deterministic layouts: mulberry32 instead of a random seed. */
function seed(state) {
  Math.random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
