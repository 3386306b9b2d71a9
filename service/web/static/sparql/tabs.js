// The open queries, as buttons. YASGUI's own list of tabs has fields inside of tabs and can't be used by keyboard
// and screen reader alike; it is hidden.
import { element } from "../parts/details.js";

/** A row of the open queries that tracks `yasgui`. */
export function tabs(yasgui) {
  const made = element("nav", { class: "ask-tabs", "aria-label": "Open queries" });
  const draw = () => {
    const focused = made.contains(document.activeElement);
    const ids = yasgui.persistentConfig.getTabs();
    const open = yasgui.persistentConfig.currentId();
    made.replaceChildren(...ids.flatMap((id) => tab(yasgui, id, id === open, ids.length > 1)), fresh(yasgui));
    const current = made.querySelector("[aria-current]");
    if (current) made.scrollLeft = current.offsetLeft - made.offsetLeft - 48;
    if (focused) current?.focus();
  };
  for (const event of ["tabAdd", "tabSelect", "tabClose", "tabChange"]) yasgui.on(event, () => setTimeout(draw));
  draw();
  return made;
}

function tab(yasgui, id, isOpen, closes) {
  const name = yasgui.persistentConfig.getTab(id)?.name ?? "Query";
  const button = element("button", { type: "button", class: "tab-name", "aria-current": isOpen ? "true" : null, title: name }, name);
  button.onclick = () => yasgui.selectTabId(id);
  if (!isOpen || !closes) return [button];
  const close = element("button", { type: "button", class: "tab-close", "aria-label": `Close ${name}` }, "×");
  close.onclick = () => yasgui.getTab(id)?.close();
  return [button, close];
}

function fresh(yasgui) {
  const button = element("button", { type: "button", class: "tab-new" }, "New query");
  button.onclick = () => yasgui.addTab(true).getYasqe().focus();
  return button;
}
