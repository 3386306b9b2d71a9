// Finds events as you type, and shows only what occurred or only what is contemplated.

const happenings = [...document.querySelectorAll(".happening")].map((element) => ({
  element,
  text: element.textContent.toLowerCase(),
  contemplated: element.classList.contains("contemplated"),
}));

function box(name) {
  const label = document.createElement("label");
  label.className = "tick";
  const input = document.createElement("input");
  input.type = "checkbox";
  input.checked = true;
  label.append(input, name);
  return { label, input };
}

function build(before) {
  const bar = document.createElement("div");
  bar.className = "finding";
  bar.setAttribute("role", "search");
  bar.setAttribute("aria-label", "Within the timeline");
  const find = document.createElement("input");
  find.type = "search";
  find.placeholder = "Find in this list";
  find.setAttribute("aria-label", "Find in this list");
  const told = box("Occurred");
  const thought = box("Contemplated");
  const count = document.createElement("span");
  count.setAttribute("role", "status");
  bar.append(find, told.label, thought.label, count);
  before.after(bar);

  function apply() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const each of happenings) {
      const wanted = (each.contemplated ? thought : told).input.checked;
      const fits = wanted && words.every((word) => each.text.includes(word));
      each.element.hidden = !fits;
      shown += fits;
    }
    for (const outer of document.querySelectorAll(".lane, .year")) {
      outer.hidden = !outer.querySelector(".happening:not([hidden])");
    }
    count.textContent = shown === happenings.length ? "" : `${shown} of ${happenings.length} shown`;
  }

  bar.addEventListener("input", apply);
  // A link to a hidden event shows all events again.
  addEventListener("hashchange", () => {
    const aim = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!aim || !aim.closest("[hidden]")) return;
    find.value = "";
    told.input.checked = thought.input.checked = true;
    apply();
    aim.scrollIntoView();
  });
}

const years = document.querySelector(".jump") ?? document.querySelector(".scales");
if (years && happenings.length > 1) build(years);
