// Links that restore a query and the view of its answer; see sparql.js for their form.

/** The query and the view in an address: {query, view}; null without a query. */
export function linked({ hash, search }) {
  const given = [hash, search].map((part) => new URLSearchParams(part.slice(1))).find((fields) => fields.get("query"));
  return given ? { query: given.get("query"), view: given.get("view") } : null;
}

/** The link to a query on this page. */
export function linkTo(query, view) {
  const fields = new URLSearchParams({ query, ...(view ? { view } : {}) });
  return `${location.origin}${location.pathname}#${fields}`;
}

/** Puts text on the clipboard; false if the browser refuses. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
