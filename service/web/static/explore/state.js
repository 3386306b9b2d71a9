// What a reader has done to a drawing, as the part of its address behind #:
//   expand=jcpoa        a thing about which everything was added (repeated)
//   hide=iran           a node or an edge by its identifier (repeated)
//   pin=iran,120,-40    a node pinned at a position (repeated)
//   off=modality:hoped  a class, relation, modality or stance that is filtered out (repeated)
//   facts=yes           only facts
//   from=2020-01-01 to=2021-02-28 undated=no
// Unpinned nodes are laid out again, by a deterministic rule.

const FILTERS = ["class", "relation", "modality", "stance"];

/** The state in an address behind #; without any expansion, that of `initial`. */
export function readState(hash, initial) {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const off = Object.fromEntries(FILTERS.map((name) => [name, new Set()]));
  for (const each of said.getAll("off")) {
    const at = each.indexOf(":");
    off[each.slice(0, at)]?.add(each.slice(at + 1));
  }
  const pinned = new Map();
  for (const each of said.getAll("pin")) {
    const [, id, x, y] = /^(.+),(-?\d+),(-?\d+)$/.exec(each) ?? [];
    if (id) pinned.set(id, { x: Number(x), y: Number(y) });
  }
  const date = (name) => (/^\d{4}-\d\d-\d\d$/.test(said.get(name) ?? "") ? said.get(name) : null);
  return {
    expand: hash.replace(/^#/, "") ? said.getAll("expand") : [...initial.expand],
    hidden: new Set(said.getAll("hide")),
    pinned,
    off,
    facts: said.get("facts") === "yes",
    from: date("from"),
    to: date("to"),
    undated: said.get("undated") !== "no",
  };
}

/** The inverse; "" for an unchanged drawing. */
export function writeState(state) {
  const said = new URLSearchParams();
  for (const thing of state.expand) said.append("expand", thing);
  for (const id of state.hidden) said.append("hide", id);
  for (const [id, { x, y }] of state.pinned) said.append("pin", `${id},${x},${y}`);
  for (const name of FILTERS) for (const value of state.off[name]) said.append("off", `${name}:${value}`);
  if (state.facts) said.append("facts", "yes");
  if (state.from) said.append("from", state.from);
  if (state.to) said.append("to", state.to);
  if (!state.undated) said.append("undated", "no");
  return said.toString();
}

export function sameExpansion(one, other) {
  return one.expand.join("\n") === other.expand.join("\n");
}
