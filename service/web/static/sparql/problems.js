// Errors, shown above the results and marked in the editor.
import { element } from "../parts/details.js";

const marks = new WeakMap();

/** Shows a problem of a query; returns the element to put above the results. */
export function problemPanel(cm, problem) {
  const { title, detail, hint, line, column } = problem;
  const place = line ? `line ${line}, column ${column ?? 1}` : "";
  const said = place && detail?.startsWith(`${place}: `) ? detail.slice(place.length + 2) : detail;
  const jump = place && element("button", { type: "button", class: "quiet" }, place);
  if (jump) jump.onclick = () => go(cm, placeOf(cm, line, column));
  return element(
    "div",
    { class: "ask-problem", role: "alert" },
    element("h2", {}, title ?? "The query failed"),
    element("p", {}, ...(jump ? [jump, ": "] : []), said ?? ""),
    ...(hint ? [element("p", { class: "hint" }, hint)] : []),
  );
}

/** Marks the place of a problem until the text is changed or run again. */
export function markProblem(cm, { line, column }) {
  unmark(cm);
  if (!line) return;
  const from = placeOf(cm, line, column);
  const token = cm.getTokenAt({ line: from.line, ch: from.ch + 1 });
  const to = { line: from.line, ch: Math.max(token.end, from.ch + 1) };
  const atEnd = from.ch >= cm.getLine(from.line).length;
  const start = atEnd && from.ch > 0 ? { line: from.line, ch: from.ch - 1 } : from;
  const mark = cm.markText(start, atEnd ? from : to, { className: "ask-error" });
  cm.addLineClass(from.line, "background", "ask-error-line");
  marks.set(cm, { mark, handle: cm.getLineHandle(from.line) });
}

export function unmark(cm) {
  const found = marks.get(cm);
  if (!found) return;
  found.mark.clear();
  cm.removeLineClass(found.handle, "background", "ask-error-line");
  marks.delete(cm);
}

/** Converts a place from the service (from 1, in characters) to the editor (from 0, in code units). */
function placeOf(cm, line, column = 1) {
  const number = Math.min(line - 1, cm.lastLine());
  return { line: number, ch: [...cm.getLine(number)].slice(0, column - 1).join("").length };
}

function go(cm, place) {
  cm.focus();
  cm.setCursor(place);
  cm.scrollIntoView(place, 60);
}

/**
 * Marks in the gutter, with a message, what the editor's grammar does not expect: YASQE's own mark uses
 * a style attribute, which our CSP does not allow.
 */
export function checkSyntax(Yasqe) {
  Yasqe.prototype.checkSyntax = function () {
    this.queryValid = true;
    this.clearGutter("gutterErrorBar");
    for (let line = 0; line < this.lineCount(); line += 1) {
      const { state } = this.getTokenAt({ line, ch: this.getLine(line).length }, !this.prevQueryValid);
      this.setOption("queryType", state.queryType);
      if (state.OK !== false) continue;
      this.queryValid = false;
      const expected = (state.possibleCurrent ?? []).join(" ");
      const title = state.errorMsg ?? (expected ? `Unexpected here; expected: ${expected.slice(0, 300)}` : "Unexpected here");
      this.setGutterMarker(line, "gutterErrorBar", element("span", { class: "ask-unexpected", title }, "!"));
      break;
    }
    this.prevQueryValid = this.queryValid;
  };
}
