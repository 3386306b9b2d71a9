// Links that restore a query and the view of its answer; sparql.js says what they look like.

/** The query and the view that an address names: {query, view}; null where it names no query. */
export function linked({ hash, search }) {
  const given = [hash, search].map((part) => new URLSearchParams(part.slice(1))).find((fields) => fields.get("query"));
  return given ? { query: given.get("query"), view: given.get("view") } : null;
}

/** The link to a query, at the page that is open. */
export function linkTo(query, view) {
  const fields = new URLSearchParams({ query, ...(view ? { view } : {}) });
  return `${location.origin}${location.pathname}#${fields}`;
}

/** Puts text on the clipboard; false where the browser does not let us. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
