// Small parts of the views: notes, fields, copying.
import { element } from "../../parts/details.js";

const counted = new Intl.NumberFormat("en");

/** A number formatted for reading: 20,000. */
export const number = (value) => counted.format(value);

/** "1 row", "20,000 rows". */
export const some = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;

/** A warning that something is truncated or missing. */
export function warning(...children) {
  return element("div", { class: "result-warning", role: "status" }, ...children);
}

/** A message in place of something that a view can't show. */
export function absent(title, ...children) {
  return element("div", { class: "result-absent" }, element("h3", {}, title), ...children);
}

/** A field with its label before it: options are [value, words]. */
export function choice(label, options, value, changed) {
  const select = element("select", {});
  for (const [each, words] of options) {
    const option = element("option", { value: each }, words);
    option.selected = each === value;
    select.append(option);
  }
  select.addEventListener("change", () => changed(select.value));
  return element("label", { class: "result-field" }, element("span", {}, label), select);
}

/** A button in a quiet style. */
export function button(words, pressed, attributes = {}) {
  const made = element("button", { type: "button", class: "result-button", ...attributes }, words);
  made.addEventListener("click", pressed);
  return made;
}

/** A button that copies a text computed when it is pressed, and confirms it. */
export function copying(words, text, attributes = {}) {
  const made = button(words, async () => {
    const done = await copied(text());
    said.textContent = done ? `${words}: done` : "The browser does not let this page copy";
    made.textContent = done ? "Copied" : "Not copied";
    setTimeout(() => made.replaceChildren(words), 1500);
  }, attributes);
  const said = element("span", { class: "unseen", role: "status" });
  return element("span", { class: "result-copy" }, made, said);
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedByHand(text); // a page over plain http has no clipboard
  }
}

function copiedByHand(text) {
  const area = element("textarea", { "aria-hidden": "true", class: "unseen" });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

/** Saves a text or a Blob as a file. */
export function saved(text, type, name) {
  const link = element("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
