// Words and the facts that rest on them highlight each other: on click, hover and focus.

const ANY = "mark[data-quotation], .fact[data-quoted]";

/** A mark or fact of `reading`, with the marks and facts that belong to it. */
function family(reading, element) {
  const names = element.matches("mark")
    ? [element.dataset.quotation]
    : element.dataset.quoted.split(" ");
  const marks = [...reading.querySelectorAll("mark[data-quotation]")].filter((mark) =>
    names.includes(mark.dataset.quotation),
  );
  const facts = element.matches("mark")
    ? [...reading.querySelectorAll(".fact[data-quoted]")].filter((fact) =>
        fact.dataset.quoted.split(" ").includes(element.dataset.quotation),
      )
    : [element];
  return { marks, facts };
}

function lit(reading, name, { marks, facts } = { marks: [], facts: [] }) {
  for (const element of reading.querySelectorAll(`.${name}`)) element.classList.remove(name);
  for (const element of [...marks, ...facts]) element.classList.add(name);
}

function inSight(element) {
  const box = element.getBoundingClientRect();
  return box.height > 0 && box.top >= 0 && box.bottom <= innerHeight;
}

function show(element) {
  for (let at = element.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
  if (!inSight(element)) element.scrollIntoView({ block: "center" });
}

/** Activate `reading`; returns a function that applies the address again after a change of content. */
export function answering(reading) {
  const target = () => {
    const name = decodeURIComponent(location.hash.slice(1));
    return name ? document.getElementById(name) : null;
  };

  function answer() {
    const found = target();
    if (!found) elsewhere(reading);
    const chosen = found?.closest(ANY);
    lit(reading, "answering", chosen ? family(reading, chosen) : undefined);
    if (found && reading.contains(found)) show(found);
  }

  function choose(name, focus) {
    const element = document.getElementById(name);
    if (!element) return;
    if (location.hash !== `#${name}`) history.pushState(null, "", `#${name}`);
    lit(reading, "answering", family(reading, element));
    show(element);
    if (focus) element.focus({ preventScroll: true });
  }

  reading.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("a");
    const from = event.target.closest(ANY);
    if (link) {
      const name = link.getAttribute("href").startsWith("#") && decodeURIComponent(link.hash.slice(1));
      if (!name || !document.getElementById(name)?.matches(ANY)) return;
      event.preventDefault();
      choose(name, event.detail === 0);
    } else if (from && !event.target.closest("summary, details") && getSelection().isCollapsed) {
      const { marks, facts } = family(reading, from);
      const other = (from.matches("mark") ? facts : marks.filter((mark) => mark.id))[0];
      if (other) choose(other.id, false);
    }
  });

  for (const [enter, leave] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
    reading.addEventListener(enter, (event) => {
      const link = event.target.closest("sup a");
      const from = link ? document.getElementById(decodeURIComponent(link.hash.slice(1))) : event.target.closest(ANY);
      if (from) lit(reading, "paired", family(reading, from));
    });
    reading.addEventListener(leave, () => lit(reading, "paired"));
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !reading.querySelector(".answering")) return;
    lit(reading, "answering");
    history.replaceState(null, "", location.pathname + location.search);
  });
  addEventListener("hashchange", answer);
  addEventListener("popstate", answer);
  answer();
  return answer;
}

/** Follow an anchor to another page of a long source. */
function elsewhere(reading) {
  const name = location.hash.slice(1);
  const address = new URL(location.href);
  if (!/^[a-z]/.test(name) || reading.dataset.leaves === "1" || address.searchParams.get("at") === name) return;
  address.searchParams.delete("page");
  address.searchParams.set("at", decodeURIComponent(name));
  location.replace(address);
}
