// Narrows a long page to the entries that have all the words that are typed: see templates/filter.html.
// An entry has data-text, more words to be found by; a [data-group] without any is hidden as well.
const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function narrow(box) {
  const input = box.querySelector("input");
  const status = box.querySelector("[role=status]");
  const within = document.getElementById(box.dataset.filter);
  const entries = [...within.querySelectorAll("[data-text]")].map((entry) => ({
    entry,
    text: fold(`${entry.textContent} ${entry.dataset.text}`),
  }));

  function apply() {
    const words = fold(input.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { entry, text } of entries) {
      entry.hidden = !words.every((word) => text.includes(word));
      if (!entry.hidden) shown += 1;
    }
    for (const group of within.querySelectorAll("[data-group]"))
      group.hidden = !group.querySelector("[data-text]:not([hidden])");
    for (const other of within.querySelectorAll("[data-unfiltered]"))
      other.hidden = words.length > 0;
    status.textContent = words.length
      ? shown
        ? `${shown} of ${entries.length}`
        : "Nothing here has these words. Try fewer, or the beginning of one."
      : "";
  }

  input.addEventListener("input", apply);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !input.value) return;
    event.preventDefault();
    input.value = "";
    apply();
  });
  // What a link within the page leads to has to be there.
  window.addEventListener("hashchange", () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target?.closest("[hidden]") || !within.contains(target)) return;
    input.value = "";
    apply();
    target.scrollIntoView();
  });
  box.hidden = false;
  if (input.value) apply(); // which the browser has kept
}

for (const box of document.querySelectorAll("[data-filter]")) narrow(box);
