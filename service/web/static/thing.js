/* The page of a thing: copies its identifier, and opens the words of all lines of a section at once. */

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
  });
}

for (const part of document.querySelectorAll("section.part")) {
  const records = [...part.querySelectorAll("details:not(.terms)")].filter(
    (each) => !each.parentElement.closest("details"),
  );
  if (records.length < 2) continue;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "unfold";
  const name = part.querySelector("h2").firstChild.textContent.trim();
  const show = (open) => {
    button.textContent = open ? "Hide all words" : "Show all words";
    button.setAttribute("aria-label", `${button.textContent}: ${name}`);
    button.setAttribute("aria-expanded", String(open));
  };
  button.addEventListener("click", () => {
    const open = !records.every((each) => each.open);
    for (const each of records) each.open = open;
    show(open);
  });
  show(false);
  part.querySelector("h2").after(button);
}
