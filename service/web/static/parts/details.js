// What a node or an edge of a network says, as a piece of a page; and what its colours mean.
import { GROUPS, STANCES } from "./palette.js";

const BASE = "https://w3id.org/comity/";
const ROOT = new URL("../../", import.meta.url).href.replace(/\/$/, "");
const PAGES = { id: "page", source: "sources", graph: "page/graph" };
// What stands between several values of an attribute.
const SEPARATOR = " | ";

/** Where this service tells of an IRI of Comity; null for any other (as service/http/paths.py has it). */
export function pathOf(iri) {
  if (!iri?.startsWith(BASE)) return null;
  const [head, fragment] = iri.slice(BASE.length).split("#");
  const anchor = fragment === undefined ? "" : `#${encodeURIComponent(fragment)}`;
  const [family, name] = head.split("/");
  if (family === "ontology") return `${ROOT}/${head}${anchor}`;
  return family in PAGES && /^[a-z0-9-]+$/.test(name ?? "") ? `${ROOT}/${PAGES[family]}/${name}${anchor}` : null;
}

/** A new element with attributes and children; null children are left out. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== null && value !== undefined) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** What an element of cytoscape says: its name, standing, dates, quotations, and where to read on. */
export function detailsOf(of) {
  const made = document.createDocumentFragment();
  made.append(...(of.isNode() ? ofNode(of) : ofEdge(of)));
  return made;
}

function ofNode(node) {
  const { name, class_label: kind, iri, group } = node.data();
  const path = pathOf(iri);
  return [
    element("h3", { dir: "auto" }, path ? element("a", { href: path }, name) : name),
    element("p", { class: "under" }, swatch(group), kind || "thing"),
    path || !iri ? null : element("p", { class: "cited" }, iri),
  ].filter(Boolean);
}

function ofEdge(edge) {
  const said = edge.data();
  const end = (node) => {
    const path = pathOf(node.data("iri"));
    return element("bdi", {}, path ? element("a", { href: path }, node.data("name")) : node.data("name"));
  };
  const arrow = said.directed ? " → " : " – ";
  const heading = element("h3", {}, end(edge.source()), arrow, end(edge.target()));
  return [
    heading,
    element("p", { class: "under" }, stroke(said), said.label, ...badges(said)),
    said.statement ? element("p", { dir: "auto" }, said.statement) : null,
    dates(said),
    ...quotations(said),
    ways(said),
  ].filter(Boolean);
}

function badges(said) {
  const marks = (said.modality ?? "").split(SEPARATOR).filter(Boolean);
  const made = marks.map((word) => element("span", { class: "modality", "data-modality": word }, word));
  if (said.contemplated) made.push(element("span", { class: "kind" }, "contemplated: no fact"));
  if (said.verdict) made.push(element("span", { class: "kind" }, said.verdict.replace("comity:", "")));
  return made;
}

function dates({ start, end }) {
  if (!start && !end) return element("p", { class: "cited" }, "Not dated");
  if (start === end) return element("p", { class: "cited" }, start);
  const span = start && end ? `${start} to ${end}` : start ? `from ${start}, end open` : `up to ${end}`;
  return element("p", { class: "cited" }, span);
}

function quotations({ evidence, sentence }) {
  const words = evidence ? evidence.split(SEPARATOR) : [];
  const sentences = sentence ? String(sentence).split(SEPARATOR) : [];
  return words.map((text, at) => {
    // Joined apart: where their numbers differ, which sentence is whose is told by /why alone.
    const number = sentences.length === words.length ? sentences[at] : sentences.length === 1 ? sentences[0] : null;
    const caption = number ? element("figcaption", {}, `Sentence ${number}`) : null;
    return element("figure", { class: "quotation" }, element("blockquote", { dir: "auto" }, text), caption);
  });
}

function ways({ id, iri, citation }) {
  const made = element("p", { class: "proof ways" });
  for (const record of iri ? iri.split(SEPARATOR) : []) {
    const path = pathOf(record);
    if (path) made.append(element("a", { href: path }, `Record ${record.split("#")[1] ?? ""}`));
    made.append(element("a", { href: `${ROOT}/why?record=${encodeURIComponent(record)}` }, "Why?"));
  }
  if (!iri) made.append(element("a", { href: `${ROOT}/why?edge=${encodeURIComponent(id)}` }, "Why?"));
  for (const source of citation ? citation.split(SEPARATOR) : []) {
    const path = pathOf(source);
    if (path) made.append(element("a", { href: path }, `Source: ${source.slice(BASE.length).split("/")[1]}`));
    else if (/^https?:/.test(source)) made.append(element("a", { href: source, rel: "noreferrer" }, new URL(source).host));
  }
  return made;
}

/** The sign of a group of nodes. */
export function swatch(group) {
  return element("span", { class: "swatch", "data-group": group ?? "other" });
}

/** The sign of an edge. */
export function stroke({ stance, contemplated }) {
  const dashed = contemplated ? " dashed" : "";
  return element("span", { class: `stroke${dashed}`, "data-stance": stance ?? null });
}

/** What the colours and lines in a network mean, only of those that it has. */
export function legendOf(cy) {
  const made = element("ul", { class: "legend", "aria-label": "Legend" });
  const groups = new Set(cy.nodes().map((node) => node.data("group")));
  for (const group of Object.keys(GROUPS))
    if (groups.has(group)) made.append(element("li", {}, swatch(group), group));
  const stances = new Set(cy.edges().map((edge) => edge.data("stance")));
  for (const stance of Object.keys(STANCES))
    if (stances.has(stance)) made.append(element("li", {}, stroke({ stance }), stance));
  if (cy.edges("[?contemplated]").nonempty())
    made.append(element("li", {}, stroke({ contemplated: true }), "contemplated: no fact"));
  return made;
}
