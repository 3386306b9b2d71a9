// The gallery: searches all canned queries of the service and opens them in the editor.
import { element } from "../parts/details.js";

/** Fills the dialog when it is first opened. `take(text, name)` gets the chosen query. */
export function gallery(dialog, root, take) {
  const [list, field, count] = ["[data-list]", "input", "[data-count]"].map((each) => dialog.querySelector(each));
  let reading = null;

  async function fill() {
    list.replaceChildren(element("p", {}, "Loading the queries …"));
    const answer = await fetch(`${root}/queries.json`);
    if (!answer.ok) throw new Error(String(answer.status));
    const { queries } = await answer.json();
    const tags = new Map();
    for (const query of queries) {
      const tag = query.tags[0] ?? "other";
      tags.set(tag, [...(tags.get(tag) ?? []), query]);
    }
    const groups = [...tags].sort().map(([tag, of]) => group(tag, of));
    list.replaceChildren(...groups);
    narrow();
  }

  function group(tag, queries) {
    const made = element("section", {}, element("h3", {}, tag));
    made.append(...queries.map((query) => entry(query)));
    return made;
  }

  function entry(query) {
    const button = element("button", { type: "button", class: "entry" }, element("b", {}, query.summary));
    if (query.description) button.append(element("span", {}, query.description));
    const parameters = query.parameters.filter((each) => each.example).map((each) => `${each.name} = ${each.example}`);
    if (parameters.length) button.append(element("small", {}, `Parameters in its VALUES lines: ${parameters.join(", ")}`));
    button.dataset.sought = [query.name, query.summary, query.description, ...query.tags, ...query.columns].join(" ").toLowerCase();
    button.onclick = () => choose(query);
    return button;
  }

  async function choose({ name, summary }) {
    const answer = await fetch(`${root}/queries/${name}.rq`).catch(() => null);
    if (!answer?.ok) {
      count.textContent = `“${summary}” could not be loaded; try again.`;
      return;
    }
    const text = await answer.text();
    dialog.close();
    take(text, summary);
  }

  function narrow() {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const each of list.querySelectorAll(".entry")) each.hidden = !words.every((word) => each.dataset.sought.includes(word));
    for (const each of list.querySelectorAll("section")) each.hidden = !each.querySelector(".entry:not([hidden])");
    const left = list.querySelectorAll(".entry:not([hidden])").length;
    count.textContent = left === 1 ? "1 query" : `${left} queries`;
  }

  field.oninput = narrow;
  return () => {
    dialog.showModal();
    field.focus();
    reading ??= fill().catch(() => {
      reading = null;
      list.replaceChildren(element("p", {}, "The queries could not be loaded; close this and open it again."));
    });
  };
}
