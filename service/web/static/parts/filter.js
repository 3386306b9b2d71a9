// Filters a long page to the entries that contain all the typed words: see templates/filter.html.
// An entry may have data-text with more words; a [data-group] without entries is hidden too.
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
        : "No entry contains these words. Try fewer, or the beginning of a word."
      : "";
  }

  input.addEventListener("input", apply);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !input.value) return;
    event.preventDefault();
    input.value = "";
    apply();
  });
  // The target of a link within the page must be visible.
  window.addEventListener("hashchange", () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target?.closest("[hidden]") || !within.contains(target)) return;
    input.value = "";
    apply();
    target.scrollIntoView();
  });
  box.hidden = false;
  if (input.value) apply(); // restored by the browser
}

for (const box of document.querySelectorAll("[data-filter]")) narrow(box);
