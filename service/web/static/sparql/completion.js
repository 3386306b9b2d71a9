// Completion list at the caret. It requests only things by name from the service, and
// only once typing pauses.
import { candidates } from "./candidates.js";
import { Names } from "./schema.js";
import { prefixesOf, scope } from "./scope.js";

const REST = 350; // milliseconds without a key before a name is looked up
const SHORTEST = 2; // minimum letters of a name to look up
const THINGS = "https://w3id.org/comity/id/";
const CLOSES = /[\s{}(),;]/;

/** Adds completion to an editor; `schema` is a promise that may fail, `root` the service's path. */
export function complete(Yasqe, { schema, root }) {
  let known = null;
  schema.then((read) => (known = read)).catch(() => {});
  const search = searching(root);

  Yasqe.prototype.autocomplete = function (whileTyping = false) {
    if (!whileTyping) open(this, true); // typing opens it by itself, see below
  };

  function open(cm, asked) {
    const place = placeOf(cm);
    if (!asked && !opens(place)) return;
    const state = { moved: asked };
    cm.showHint({
      hint: (editor) => hints(editor, asked, state),
      completeSingle: false,
      closeCharacters: CLOSES,
      container: cm.rootEl ?? cm.getWrapperElement().parentElement,
      extraKeys: {
        Tab: (editor, list) => list.pick(),
        Enter: (editor, list) => {
          // Before anything is typed, Enter is a new line, unless a candidate was selected.
          if (state.moved || placeOf(cm).typed) return list.pick();
          list.close();
          return editor.execCommand("newlineAndIndent");
        },
        ...Object.fromEntries(
          [["Down", 1], ["Up", -1]].map(([key, by]) => [
            key,
            (editor, list) => {
              if (!state.moved && by === 1) state.moved = true; // the first is selected already
              else list.moveFocus(by);
              if (by === -1) state.moved = true;
            },
          ]),
        ),
      },
    });
  }

  async function hints(cm, asked, state) {
    const place = placeOf(cm);
    const text = cm.getValue();
    const found = candidates(place, text, known);
    const name = nameIn(place, text, known, asked);
    if (name) found.push(...(await search(name, place, new Names(prefixesOf(text), known?.prefixes ?? {}))));
    const [from, to] = [cm.posFromIndex(place.from), cm.posFromIndex(place.to)];
    const exact = found.length === 1 && found[0].kind !== "thing" && found[0].insert.trim() === place.typed;
    if (!found.length || exact) return undefined;
    if (place.typed) state.moved = true;
    const list = found.map((each) => ({ text: each.insert, render: (line) => draw(line, each), hint: () => insert(cm, each, from, to) }));
    return { list, from, to };
  }

  function insert(cm, { insert, kind, prefix, space }, from, to) {
    const rest = cm.getRange(to, { line: to.line, ch: to.ch + 1 });
    const gap = ["property", "class", "value"].includes(kind) && rest !== " " && !insert.endsWith(" ") ? " " : "";
    cm.operation(() => {
      cm.replaceRange(insert + gap, from, to, "complete");
      if (space) declare(cm, prefix, space);
    });
    if (gap || insert.endsWith(" ")) setTimeout(() => open(cm, false));
  }

  /** Call this for each editor. */
  return (cm) => {
    cm.on("change", (editor, change) => {
      if (change.origin !== "+input") return;
      if (change.text.length === 1 && change.text[0] === ":") declareTyped(cm, known);
      setTimeout(() => {
        if (!cm.state.completionActive && cm.hasFocus()) open(cm, false);
      });
    });
  };
}

const placeOf = (cm) => scope(cm.getValue(), cm.indexFromPos(cm.getCursor()));

/** True if a list opens by itself: something is typed, or there are few candidates. */
function opens({ where, typed }) {
  if (where === "none" || where === "end") return false;
  return typed ? !/^(\d|LIMIT|a$)/i.test(typed) : ["predicate", "object", "prefix"].includes(where);
}

/** The text to look up at a place: what follows `id:`, or a word on request; "" for nothing. */
function nameIn({ where, typed }, text, known, asked) {
  if (!["subject", "object", "values", "expression"].includes(where)) return "";
  const iri = new Names(prefixesOf(text), known?.prefixes ?? {}).iri(typed);
  const name = iri?.startsWith(THINGS) ? iri.slice(THINGS.length).replaceAll("-", " ") : asked && /^\p{L}+$/u.test(typed) ? typed : "";
  return name.length >= SHORTEST ? name : "";
}

/** Looks things up by name once typing pauses; each name only once. */
function searching(root) {
  const kept = new Map();
  let latest = 0;
  return async (name, place, names) => {
    const turn = (latest += 1);
    if (!kept.has(name)) {
      await new Promise((resolve) => setTimeout(resolve, REST));
      if (turn !== latest) return [];
      kept.set(name, ask(root, name));
    }
    return (await kept.get(name)).map((row) => {
      const { text, prefix, space } = names.write(row.thing);
      const kinds = row.class_label.join(", ");
      return { name: text, insert: text, kind: "thing", label: row.label, leads: kinds, definition: row.description ?? "", prefix, space };
    });
  };
}

async function ask(root, name) {
  try {
    const answer = await fetch(`${root}/search.json?${new URLSearchParams({ q: name, limit: "20" })}`);
    return answer.ok ? (await answer.json()).rows : [];
  } catch {
    return [];
  }
}

/** Declares a prefix below existing ones, or at the top. */
function declare(cm, prefix, space) {
  const text = cm.getValue();
  if (prefix in prefixesOf(text)) return;
  const lines = text.split("\n");
  const last = lines.findLastIndex((line) => /^\s*(PREFIX|BASE)\b/i.test(line));
  const first = lines.findIndex((line) => !/^\s*(#|$)/.test(line));
  const at = { line: last >= 0 ? last + 1 : Math.max(first, 0), ch: 0 };
  cm.replaceRange(`PREFIX ${prefix}: <${space}>\n`, at, at, "complete");
}

/** Declares the prefix whose colon was just typed, if the service knows it. */
function declareTyped(cm, known) {
  const place = placeOf(cm);
  if (!["subject", "predicate", "object", "values", "expression", "end"].includes(place.where)) return;
  const prefix = place.typed.match(/^([\p{L}_][\p{L}\p{N}_.-]*):$/u)?.[1];
  if (prefix && known?.prefixes[prefix]) declare(cm, prefix, known.prefixes[prefix]);
}

/** Fills a line of the list created by the library. */
function draw(line, { name, label, kind, count, leads, definition }) {
  const part = (tag, text) => {
    const made = document.createElement(tag);
    made.textContent = text;
    return made;
  };
  line.parentElement.setAttribute("aria-label", "Suggestions");
  line.parentElement.tabIndex = 0; // so that it can be scrolled
  const further = [kind === "variable" && label ? label : kind, leads, count ? count.toLocaleString("en") : ""];
  line.append(part("b", name), " ", part("span", kind === "variable" ? "" : label ?? ""), part("i", further.filter(Boolean).join(" · ")));
  if (definition) line.append(part("small", definition));
}
