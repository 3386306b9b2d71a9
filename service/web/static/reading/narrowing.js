// Applies a filter as soon as it is chosen: the service's page replaces the content.

/** Send `form` on each change and put the response into `reading`; then `after` is called. */
export function narrowing(form, reading, after) {
  let asked = 0;

  function address() {
    const chosen = [...new FormData(form)].filter(([, value]) => value);
    const query = new URLSearchParams(chosen).toString();
    return form.action + (query ? `?${query}` : "");
  }

  async function narrow(target) {
    const mine = ++asked;
    reading.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(target, { headers: { Accept: "text/html" } });
      if (!response.ok) throw new Error(String(response.status));
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (mine !== asked) return;
      reading.replaceChildren(...page.getElementById("reading").childNodes);
      counts(form, page.querySelector("form.narrow"));
      history.replaceState(null, "", target + location.hash);
      after();
    } catch {
      if (mine === asked) location.assign(target); // that page shows the error
    } finally {
      if (mine === asked) reading.removeAttribute("aria-busy");
    }
  }

  form.addEventListener("change", () => narrow(address()));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    narrow(address());
  });
  form.addEventListener("click", (event) => {
    const all = event.target.closest("a.all");
    if (!all) return;
    event.preventDefault();
    for (const box of form.querySelectorAll(":checked")) box.checked = false;
    for (const list of form.querySelectorAll("select")) list.value = "";
    narrow(address());
    form.querySelector("input").focus();
  });
}

/** Copy the counts of a form, and the link that shows everything. */
function counts(form, other) {
  for (const small of other.querySelectorAll(".choice small")) {
    const value = small.closest("label").querySelector("input").value;
    const mine = form.querySelector(`input[value="${CSS.escape(value)}"]`);
    if (mine) mine.closest("label").querySelector("small").textContent = small.textContent;
  }
  for (const list of other.querySelectorAll("select")) {
    for (const option of list.options) {
      const mine = [...form.elements[list.name].options].find((each) => each.value === option.value);
      if (mine) mine.textContent = option.textContent;
    }
  }
  const all = other.querySelector("a.all");
  const row = form.querySelector(".row");
  row.querySelector("a.all")?.remove();
  if (all) row.append(document.importNode(all, true));
}
