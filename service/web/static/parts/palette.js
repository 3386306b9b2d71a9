// The style of networks, as in graph/networks/palette.py; a test compares them.

/** By group: the fill of a node, and its shape in cytoscape. */
export const GROUPS = {
  state: ["#77AADD", "rectangle"],
  organisation: ["#99DDFF", "rectangle"],
  person: ["#EE8866", "ellipse"],
  format: ["#44BB99", "hexagon"],
  agreement: ["#BBCC33", "round-rectangle"],
  event: ["#EEDD88", "octagon"],
  issue: ["#FFAABB", "ellipse"],
  proposal: ["#AAAA00", "round-rectangle"],
  proposition: ["#FFFFFF", "ellipse"],
  other: ["#DDDDDD", "ellipse"],
};

/** By stance: the colour of an edge. */
export const STANCES = {
  supportive: "#0077BB",
  opposed: "#CC3311",
  conditional: "#EE7733",
  interested: "#33BBEE",
};

// Larger with more edges: see `weigh` in graph.js.
const SIZE = "mapData(links, 0, 60, 18, 48)";
const dark = matchMedia("(prefers-color-scheme: dark)");

/** Calls `changed` whenever the page turns dark or light; returns a function that stops this. */
export function onScheme(changed) {
  dark.addEventListener("change", changed);
  return () => dark.removeEventListener("change", changed);
}

/** Cytoscape's style for the current colour scheme; edges have labels only if `few`. */
export function style({ few = true } = {}) {
  const [text, ground, line, accent] = dark.matches
    ? ["#e4e6e3", "#15191c", "#98a2a6", "#e0a458"]
    : ["#1d2327", "#fdfdfb", "#666666", "#a8702a"];
  return [
    {
      selector: "node",
      style: {
        "background-color": GROUPS.other[0],
        "border-color": dark.matches ? "#0b0d0e" : "#555555",
        "border-width": 1,
        color: text,
        "font-family": '"Source Sans 3 Variable", system-ui, "Segoe UI", "Noto Sans", sans-serif',
        "font-size": 12,
        height: 20,
        label: "data(name)",
        "min-zoomed-font-size": 7,
        "overlay-color": accent,
        shape: "ellipse",
        "text-background-color": ground,
        "text-background-opacity": 0.8,
        "text-background-padding": 1,
        "text-margin-y": 3,
        "text-max-width": 170,
        "text-valign": "bottom",
        "text-wrap": "wrap",
        width: 20,
      },
    },
    {
      selector: "node[links]",
      style: { height: SIZE, width: SIZE, ...(few ? {} : { "font-size": "mapData(links, 0, 60, 11, 24)" }) },
    },
    ...Object.entries(GROUPS).map(([group, [fill, shape]]) => ({
      selector: `node[group = "${group}"]`,
      style: { "background-color": fill, shape },
    })),
    { selector: 'node[group = "proposition"]', style: { "border-style": "dashed" } },
    {
      selector: "edge",
      style: {
        color: text,
        "control-point-step-size": few ? 30 : 14,
        "curve-style": "bezier",
        "font-size": 10,
        "line-opacity": few ? 1 : 0.6,
        "line-color": line,
        "min-zoomed-font-size": 8,
        "overlay-color": accent,
        "target-arrow-color": line,
        "text-background-color": ground,
        "text-background-opacity": 0.85,
        "text-background-padding": 1,
        "text-max-width": 110,
        "text-wrap": "ellipsis",
        width: 1.5,
      },
    },
    { selector: "edge[?directed]", style: { "target-arrow-shape": "triangle" } },
    { selector: "edge[?contemplated]", style: { "line-style": "dashed" } },
    ...Object.entries(STANCES).map(([stance, colour]) => ({
      selector: `edge[stance = "${stance}"]`,
      style: { "line-color": colour, "target-arrow-color": colour, width: 2.5 },
    })),
    ...(few ? [{ selector: "edge", style: { label: "data(name)" } }] : []),
    { selector: "edge:selected, edge.pointed", style: { label: "data(name)", width: 4 } },
    {
      selector: "node:selected, node.pointed",
      style: { "border-color": accent, "border-width": 4, "z-index": 10 },
    },
    { selector: ".pinned", style: { "border-style": "double", "border-width": 4 } },
    { selector: ".faded", style: { opacity: 0.15 } },
    { selector: ".gone", style: { display: "none" } },
  ];
}
