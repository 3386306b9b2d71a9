// Details of a node or an edge as page elements, and the legend of a network.
import { GROUPS, STANCES } from "./palette.js";

const BASE = "https://w3id.org/comity/";
const ROOT = new URL("../../", import.meta.url).href.replace(/\/$/, "");
const PAGES = { id: "page", source: "sources", graph: "page/graph" };
// Separator of several values of an attribute.
const SEPARATOR = " | ";

/** The path of an IRI of Comity in this service; null for any other (as in service/http/paths.py). */
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

/** Details of a cytoscape element: name, status, dates, quotations, and links. */
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
  if (said.contemplated) made.push(element("span", { class: "kind" }, "contemplated: not a fact"));
  if (said.verdict) made.push(element("span", { class: "kind" }, said.verdict.replace("comity:", "")));
  return made;
}

function dates({ start, end }) {
  if (!start && !end) return element("p", { class: "cited" }, "Undated");
  if (start === end) return element("p", { class: "cited" }, start);
  const span = start && end ? `${start} to ${end}` : start ? `from ${start}, end open` : `up to ${end}`;
  return element("p", { class: "cited" }, span);
}

function quotations({ evidence, sentence }) {
  const words = evidence ? evidence.split(SEPARATOR) : [];
  const sentences = sentence ? String(sentence).split(SEPARATOR) : [];
  return words.map((text, at) => {
    // Joined separately: if their numbers differ, only /why can match sentences to quotations.
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

/** The swatch of a group of nodes. */
export function swatch(group) {
  return element("span", { class: "swatch", "data-group": group ?? "other" });
}

/** The stroke of an edge. */
export function stroke({ stance, contemplated }) {
  const dashed = contemplated ? " dashed" : "";
  return element("span", { class: `stroke${dashed}`, "data-stance": stance ?? null });
}

/** The legend of the colours and lines in use. */
export function legendOf(cy) {
  const made = element("ul", { class: "legend", "aria-label": "Legend" });
  const groups = new Set(cy.nodes().map((node) => node.data("group")));
  for (const group of Object.keys(GROUPS))
    if (groups.has(group)) made.append(element("li", {}, swatch(group), group));
  const stances = new Set(cy.edges().map((edge) => edge.data("stance")));
  for (const stance of Object.keys(STANCES))
    if (stances.has(stance)) made.append(element("li", {}, stroke({ stance }), stance));
  if (cy.edges("[?contemplated]").nonempty())
    made.append(element("li", {}, stroke({ contemplated: true }), "contemplated: not a fact"));
  return made;
}
