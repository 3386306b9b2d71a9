// Completion in a search form: names in any language, codes, words of quotations.
// Without it the form leads to /search, as Enter still does if nothing is chosen.
const ROOT = new URL("../../", import.meta.url);
const LISTED = 8;
const PAUSE = 150; // milliseconds without a key before a request
let made = 0;

export function complete(form) {
  const input = form.querySelector("input[type=search]");
  if (!input || input.getAttribute("role") === "combobox") return;
  const popup = popupOf(`suggestions-${(made += 1)}`);
  const list = popup.querySelector("[role=listbox]");
  const status = popup.querySelector("[role=status]");
  input.after(popup);
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
  }))
    input.setAttribute(name, value);

  let timer = 0;
  let asking = null;
  let active = -1;

  const options = () => [...list.children];

  function close() {
    clearTimeout(timer);
    asking?.abort();
    popup.classList.remove("shown");
    list.replaceChildren();
    status.textContent = "";
    choose(-1);
    input.setAttribute("aria-expanded", "false");
  }

  function choose(at) {
    active = at;
    for (const [index, option] of options().entries())
      option.setAttribute("aria-selected", String(index === at));
    const chosen = options()[at];
    if (chosen) {
      input.setAttribute("aria-activedescendant", chosen.id);
      chosen.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }

  function show(found) {
    list.replaceChildren(...found.rows.map((row, at) => optionOf(row, `${list.id}-${at}`)));
    list.hidden = !found.rows.length;
    choose(-1);
    popup.classList.add("shown");
    input.setAttribute("aria-expanded", String(found.rows.length > 0));
    status.textContent = said(found);
  }

  async function ask() {
    const text = input.value.trim();
    if (!text) return close();
    asking?.abort();
    asking = new AbortController();
    const address = new URL("search.json", ROOT);
    address.search = new URLSearchParams({ q: text, limit: String(LISTED) });
    try {
      const answer = await fetch(address, { signal: asking.signal });
      if (!answer.ok) return close(); // the form still leads to the page, which shows the error
      const found = await answer.json();
      if (document.activeElement === input && input.value.trim() === text) show(found);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    asking?.abort();
    timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    const count = options().length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!count) ask();
      else if (event.key === "ArrowDown") choose(active + 1 < count ? active + 1 : -1);
      else choose(active < 0 ? count - 1 : active - 1);
    } else if (event.key === "Escape" && popup.classList.contains("shown")) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      go(options()[active]);
    }
  });
  // Only after a click on a suggestion has arrived.
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) close();
  });
  popup.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => go(event.target.closest("[role=option]")));
}

function go(option) {
  if (option) location.assign(option.dataset.url);
}

function popupOf(id) {
  const popup = element("div", "suggestions");
  const list = popup.appendChild(element("ul"));
  list.id = id;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  popup.appendChild(element("p")).setAttribute("role", "status");
  return popup;
}

function optionOf(row, id) {
  const option = element("li");
  option.id = id;
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  const quoted = row.kind === "quotation" && row.records.length;
  option.dataset.url = quoted ? row.records[0].url : row.url;
  const name = option.appendChild(element(quoted ? "q" : "bdi", "name"));
  name.textContent = quoted ? row.text : row.label;
  if (!quoted && row.text !== row.label && row.kind !== "description") {
    const matched = option.appendChild(element("bdi", "matched"));
    matched.textContent = row.text;
    if (row.language) matched.lang = row.language;
  }
  option.append(" ");
  option.appendChild(element("span", "kind")).textContent = quoted
    ? `quotation, ${row.records[0].modality}`
    : (row.class_label[0] ?? "thing");
  return option;
}

function said(found) {
  if (!found.rows.length) return "No name matches. Press Enter for a full search.";
  const shown = found.rows.length;
  const nearest = found.corrected ? "No exact match; the closest: " : "";
  if (found.total === shown) return `${nearest}${shown} found`;
  return `${nearest}${shown} of ${found.total ?? "very many"}; press Enter for more`;
}

function element(name, kind = "") {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  return made;
}

for (const form of document.querySelectorAll("form[role=search]")) complete(form);
