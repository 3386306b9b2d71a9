// Help on terms: below the editor for the one at the caret, and in a box for the one under the pointer.
import { element, pathOf } from "../parts/details.js";
import { inEnglish, Names } from "./schema.js";
import { prefixesOf, tokens } from "./scope.js";

const REST = 300; // milliseconds
const BASE = "https://w3id.org/comity/";

/** Explains the terms of an editor. `line` is the element below it, `root` the service's path. */
export function explain(cm, line, { schema, root }) {
  let known = null;
  schema.then((read) => (known = read)).catch(() => {});
  const things = new Map();

  /** `asks` is true if a thing may be requested: not at every key of its name. */
  async function meaning(offset, asks) {
    const text = cm.getValue();
    const token = tokens(text).find((each) => each.from <= offset && offset <= each.to && ["name", "iri"].includes(each.type));
    const names = new Names(prefixesOf(text), known?.prefixes ?? {});
    const iri = token && names.iri(token.text);
    if (!iri) return null;
    const found = known?.find(iri);
    if (found) return { token, parts: ofTerm(found, iri, names) };
    if (!iri.startsWith(`${BASE}id/`) || iri === `${BASE}id/`) return null;
    if (!things.has(iri) && !asks) return null;
    if (!things.has(iri)) things.set(iri, askThing(root, iri, known));
    return { token, parts: ofThing(await things.get(iri), iri) };
  }

  let [waiting, typing] = [0, false];
  cm.on("change", () => (typing = true));
  cm.on("cursorActivity", () => {
    const asks = !typing;
    typing = false;
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const found = await meaning(cm.indexFromPos(cm.getCursor()), asks);
      line.replaceChildren(...(found?.parts ?? []));
    }, REST);
  });
  const tip = new Tip(cm);
  cm.getWrapperElement().addEventListener("mousemove", (event) => {
    tip.rest(event, async () => {
      const at = cm.coordsChar({ left: event.clientX, top: event.clientY }, "window");
      if (at.outside) return null;
      return meaning(cm.indexFromPos(at), true);
    });
  });
}

/** A box beside the pointer: it stays while the pointer is on it, and Escape closes it. */
class Tip {
  constructor(cm) {
    this.cm = cm;
    this.box = element("div", { class: "ask-tip", role: "tooltip", hidden: "" });
    cm.getWrapperElement().parentElement.append(this.box);
    cm.getWrapperElement().addEventListener("mouseleave", () => this.leave());
    this.box.addEventListener("mouseenter", () => clearTimeout(this.leaving));
    this.box.addEventListener("mouseleave", () => this.leave());
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    cm.on("change", () => this.close());
    cm.on("scroll", () => this.close());
  }

  rest({ clientX, clientY }, meaning) {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(async () => {
      const found = await meaning();
      if (!found) return this.leave();
      return this.show(found, clientX, clientY);
    }, REST);
  }

  show({ token, parts }, x, y) {
    clearTimeout(this.leaving);
    const [start, end] = [this.cm.posFromIndex(token.from), this.cm.posFromIndex(token.to)];
    const [left, right] = [this.cm.charCoords(start, "window"), this.cm.charCoords(end, "window")];
    if (x < left.left - 4 || x > right.right + 4 || y < left.top || y > right.bottom) return this.leave();
    this.box.replaceChildren(...parts);
    this.box.hidden = false;
    const frame = this.box.offsetParent.getBoundingClientRect();
    const room = frame.width - this.box.offsetWidth;
    this.box.style.left = `${Math.max(0, Math.min(left.left - frame.left, room))}px`;
    this.box.style.top = `${left.bottom - frame.top + 4}px`;
    return undefined;
  }

  leave() {
    clearTimeout(this.waiting);
    clearTimeout(this.leaving);
    this.leaving = setTimeout(() => this.close(), REST);
  }

  close() {
    clearTimeout(this.waiting);
    this.box.hidden = true;
  }
}

const SAYS = { class: "class", property: "property", value: "value" };

function ofTerm({ kind, term }, iri, names) {
  const write = (iris) => iris.map((each) => names.write(each).text).join(", ");
  const facts = [
    SAYS[kind],
    ...(kind === "property" && term.domain.length ? [`of ${write(term.domain)}`] : []),
    ...(kind === "property" && term.range.length ? [`range: ${write(term.range)}`] : []),
    ...(kind === "value" ? [`of ${write([term.of])}`] : []),
    ...(term.count === undefined ? [] : [`${term.count.toLocaleString("en")} in the data`]),
  ];
  return parts(inEnglish(term.label) || names.write(iri).text, facts, inEnglish(term.definition), pathOf(iri));
}

function ofThing(said, iri) {
  return parts(said.label || iri.slice(`${BASE}id/`.length), [said.kind || "not described in the data"], "", said.kind ? pathOf(iri) : null);
}

function parts(label, facts, definition, address) {
  return [
    element("b", {}, label),
    element("span", { class: "facts-line" }, facts.join(" · ")),
    ...(definition ? [element("span", {}, definition)] : []),
    ...(address ? [element("a", { href: address }, "open its page")] : []),
  ];
}

/** The label of a thing and of its most specific class: {label, kind}. */
async function askThing(root, iri, schema) {
  const query = `PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?class ?kind ?label WHERE { <${iri}> a ?class . ?class rdfs:label ?kind .
  OPTIONAL { <${iri}> rdfs:label ?label FILTER(LANG(?label) IN ("en", "")) } } LIMIT 50`;
  try {
    const headers = { Accept: "application/sparql-results+json" };
    const answer = await fetch(`${root}/sparql`, { method: "POST", headers, body: new URLSearchParams({ query }) });
    const rows = (await answer.json()).results.bindings;
    const height = (row) => schema?.above(row.class.value).size ?? 0;
    const row = rows.sort((one, other) => height(other) - height(one))[0];
    return { label: row?.label?.value, kind: row?.kind.value };
  } catch {
    return {};
  }
}
