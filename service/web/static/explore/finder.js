// Find a thing by name: in the drawing at once, and in the whole graph a moment later.
import { element, swatch } from "../parts/details.js";

const MOST = 8;
const PAUSE = 250;
const ID = "https://w3id.org/comity/id/";

export class Finder {
  constructor(explorer, input, list) {
    Object.assign(this, { explorer, input, list, options: [], at: -1, timer: 0 });
    input.addEventListener("input", () => this.look());
    input.addEventListener("focus", () => this.look());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => setTimeout(() => this.close(), 200));
    list.addEventListener("mousedown", (event) => event.preventDefault()); // keep the focus
    list.addEventListener("click", ({ target }) => {
      const option = target.closest("[role=option]");
      if (option) this.choose([...list.children].indexOf(option));
    });
  }

  look() {
    const text = this.input.value.trim();
    clearTimeout(this.timer);
    if (!text || !this.explorer.cy) return this.close();
    const drawn = this.drawn(text);
    this.offer(drawn);
    this.timer = setTimeout(async () => {
      const found = await this.elsewhere(text, drawn);
      if (this.input.value.trim() === text && this.input === document.activeElement) this.offer([...drawn, ...found], true);
    }, PAUSE);
  }

  /** Nodes of the drawing whose names contain all the words, prefixes first. */
  drawn(text) {
    const words = plain(text).split(/\s+/);
    const found = this.explorer.cy.nodes().filter((node) => words.every((word) => plain(node.data("name")).includes(word)));
    const begins = (node) => !plain(node.data("name")).startsWith(words[0]);
    return found
      .sort((one, other) => begins(one) - begins(other) || other.data("links") - one.data("links"))
      .slice(0, MOST)
      .map((node) => ({ node, name: node.data("name"), group: node.data("group"), kind: node.data("class_label") }));
  }

  async elsewhere(text, drawn) {
    const known = new Set(this.explorer.cy.nodes().map((node) => node.data("iri")));
    const asked = new URLSearchParams({ q: text, limit: 20 });
    const answer = await fetch(`${this.explorer.root}/search.json?${asked}`).then((found) => (found.ok ? found.json() : null)).catch(() => null);
    return (answer?.rows ?? [])
      .filter(({ thing }) => thing.startsWith(ID) && !known.has(thing))
      .slice(0, MOST)
      .map(({ thing, label, class_label }) => ({ thing: thing.slice(ID.length), name: label, kind: class_label[0] ?? "thing" }));
  }

  offer(options, all = false) {
    this.options = options;
    this.at = -1;
    const rows = options.map(({ node, name, group, kind }, at) =>
      element(
        "li",
        { role: "option", id: `found-${at}`, "aria-selected": "false" },
        node ? swatch(group) : element("span", { class: "plus", "aria-hidden": "true" }, "+"),
        element("bdi", {}, name),
        element("small", {}, node ? (node.hasClass("gone") ? `${kind}, hidden: show it` : kind) : `${kind}: add it`),
      ),
    );
    if (!rows.length && all) rows.push(element("li", { role: "option", "aria-disabled": "true", "aria-selected": "false" }, "Nothing has that name"));
    this.list.replaceChildren(...rows);
    this.list.hidden = !rows.length;
    this.input.setAttribute("aria-expanded", String(rows.length > 0));
    this.input.removeAttribute("aria-activedescendant");
  }

  close() {
    clearTimeout(this.timer);
    this.offer([]);
  }

  key(event) {
    if (event.key === "Escape" && !this.list.hidden) {
      event.stopPropagation();
      this.close();
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.choose(Math.max(this.at, 0));
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && this.options.length) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.at = (this.at + step + this.options.length) % this.options.length;
      [...this.list.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === this.at)));
      this.list.children[this.at].scrollIntoView({ block: "nearest" });
      this.input.setAttribute("aria-activedescendant", `found-${this.at}`);
    }
  }

  async choose(at) {
    const option = this.options[at];
    if (!option) return;
    this.input.value = "";
    this.close();
    const { explorer } = this;
    if (!option.node) await explorer.add(option.thing);
    else if (explorer.state.hidden.has(option.node.id())) {
      const hidden = new Set(explorer.state.hidden);
      hidden.delete(option.node.id());
      await explorer.change({ hidden });
    }
    const node = option.node ?? explorer.cy.getElementById(option.thing);
    if (node.empty()) return;
    if (node.hasClass("gone")) return explorer.say(`${option.name} is filtered out: enable its class or its edges to see it.`);
    explorer.open(node);
    explorer.look(node);
  }
}

function plain(text) {
  return String(text ?? "").normalize("NFKD").replace(/\p{Mn}/gu, "").toLowerCase();
}
