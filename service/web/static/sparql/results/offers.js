// Downloads of an answer in every format, and code to request it.
import { element } from "../../parts/details.js";
import { askedOf, ENDPOINT, fieldsOf, ROOT } from "./context.js";
import { button, copying, saved } from "./parts.js";

// Longer addresses are truncated by some programs.
const LONGEST = 6000;
const HEADINGS = { table: "Table", graph: "RDF", network: "Network" };
const known = new Map();

/** A link to a file, or a button that posts a query too long for an address. */
export function offerLink(fields, file, words) {
  const address = `${ENDPOINT}?${new URLSearchParams(fields)}`;
  if (address.length <= LONGEST) return element("a", { href: address, download: file }, words);
  const told = element("span", { role: "status", class: "faint" });
  const press = button(words, async () => {
    told.textContent = " One moment…";
    told.textContent = await posted(fields, file);
  }, { class: "result-link" });
  return element("span", {}, press, told);
}

/** Saves the response to a POST; returns "" or the error. An incomplete answer is not saved at all. */
async function posted(fields, file) {
  try {
    const answer = await fetch(ENDPOINT, { method: "POST", body: new URLSearchParams(fields) });
    if (!answer.ok) return ` ${(await answer.json()).detail}`;
    saved(await answer.blob(), answer.headers.get("content-type"), file);
    return "";
  } catch (error) {
    return ` It was interrupted: ${error.message}`;
  }
}

/** The two menus beside the tabs, filled when opened. */
export function menus(yasr) {
  return [menu("Download", (place) => fill(yasr, place, downloads)), menu("Code", (place) => fill(yasr, place, snippets))];
}

function menu(words, opened) {
  const inside = element("div", { class: "result-menu-inside" });
  const made = element("details", { class: "result-menu" }, element("summary", {}, words), inside);
  made.addEventListener("toggle", () => made.open && opened(inside));
  made.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !made.open) return;
    made.open = false;
    made.querySelector("summary").focus();
    event.stopPropagation();
  });
  document.addEventListener("click", (event) => {
    if (!made.contains(event.target)) made.open = false;
  });
  return made;
}

async function fill(yasr, place, draw) {
  const asked = askedOf(yasr);
  if (place.asked === asked) return;
  place.replaceChildren(element("p", { role: "status" }, "One moment…"));
  try {
    const offers = await offersFor(asked);
    place.replaceChildren(...draw(asked, offers));
    place.asked = asked;
  } catch (error) {
    place.replaceChildren(element("p", { class: "problem", role: "alert" }, `This could not be loaded: ${error.message}`));
  }
}

async function offersFor(asked) {
  const body = new URLSearchParams(fieldsOf(asked));
  const key = body.toString();
  if (known.has(key)) return known.get(key);
  const answer = await fetch(`${ROOT}snippets`, { method: "POST", body });
  const read = await answer.json();
  if (!answer.ok) throw new Error(read.detail ?? read.title);
  known.clear(); // only one query is shown at a time
  known.set(key, read);
  return read;
}

function downloads(asked, { formats }) {
  return Object.entries(HEADINGS).flatMap(([kind, heading]) => {
    const own = formats.filter((format) => format.kind === kind);
    if (!own.length) return [];
    const items = own.map(({ suffix, about }) =>
      element("li", {}, offerLink(fieldsOf(asked, suffix), `answer.${suffix}`, `.${suffix}`), element("small", {}, about)),
    );
    return [element("h3", {}, heading), element("ul", { class: "result-files" }, ...items)];
  });
}

function snippets(asked, offers) {
  return offers.snippets.map(({ tool, text, steps }, place) => {
    const made = element("details", { class: "result-snippet" }, element("summary", {}, tool));
    if (place === 0) made.open = true;
    if (steps) made.append(element("p", { class: "cited" }, steps));
    made.append(element("pre", { tabindex: "0" }, element("code", {}, text)), copying("Copy", () => text));
    return made;
  });
}
