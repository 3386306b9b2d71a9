// The parts around the editors: toolbar with Run and its clock, help on terms, errors.
import { element } from "../parts/details.js";
import { markProblem, problemPanel, unmark } from "./problems.js";

const LIMIT = /\bLIMIT\s+(\d+)\s*(?:OFFSET\s+\d+\s*)?(?:VALUES[\s\S]*)?$/i;

/** The toolbar above the editors, for the open tab. `actions` are {run, queries, link}. */
export function bar(actions) {
  const button = (text, action, kind = "quiet") => {
    const made = element("button", { type: "button", class: kind }, text);
    made.onclick = action;
    return made;
  };
  const run = button("Run", actions.run, "run");
  run.title = "Control and Enter";
  const clock = element("span", { class: "ask-clock" });
  const said = element("span", { class: "ask-said", role: "status" });
  const made = element(
    "div",
    { class: "ask-bar" },
    run, clock, said,
    button("Queries", actions.queries), button("Copy link", actions.link),
  );
  return {
    element: made,
    run,
    say: (text) => (said.textContent = text),
    show({ state = "", elapsed = 0, bytes = 0, note = "" }) {
      const running = state === "running";
      if (made.dataset.state !== state) run.textContent = running ? "Stop" : "Run";
      made.dataset.state = state;
      clock.textContent = running ? clockOf(elapsed, bytes) : "";
      const text = state === "stopped" ? `Stopped after ${seconds(elapsed)}; nothing is shown` : note;
      if (!running && said.textContent !== text) said.textContent = text;
      if (running && said.textContent) said.textContent = "";
    },
  };
}

const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;
const clockOf = (elapsed, bytes) => (bytes ? `${seconds(elapsed)}, ${(bytes / 1e6).toFixed(1)} MB so far` : seconds(elapsed));

/** The parts of a tab: a line for terms, and a place for problems; `show` takes reports of `run`. */
export function furnish(tab) {
  const cm = tab.getYasqe();
  const root = cm.rootEl.closest(".tabPanel");
  const term = element("p", { class: "ask-term" });
  const problem = element("div", {});
  root.querySelector(".editorwrapper").append(term, problem);
  const field = cm.getInputField();
  field.setAttribute("aria-label", "Query. Control and Space suggests terms, Control and Enter runs it, Escape leaves the editor");
  // A scrolling element must be focusable: it passes the focus on to the field.
  const scroller = cm.getScrollerElement();
  scroller.tabIndex = 0;
  scroller.addEventListener("focus", () => cm.focus());
  field.tabIndex = -1;
  cm.on("change", () => unmark(cm));
  return {
    term,
    show(told) {
      root.dataset.state = told.state;
      if (told.state === "running") unmark(cm);
      problem.replaceChildren(...(told.problem ? [problemPanel(cm, told.problem)] : []));
      if (told.problem) markProblem(cm, told.problem);
    },
  };
}

/** A note if an answer has as many rows as the query's LIMIT; else "". */
export function limitReached(query, yasr) {
  const limit = Number(query.replace(/#[^\n<>]*$/gm, "").trim().match(LIMIT)?.[1] ?? 0);
  if (!limit || !yasr.results?.getVariables?.()) return "";
  return yasr.results.getBindings()?.length === limit ? `LIMIT ${limit} reached: there may be more` : "";
}
