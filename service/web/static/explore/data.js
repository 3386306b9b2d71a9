// The network from the service: all of it, or the first part with the count of all.

const ID = "https://w3id.org/comity/id/";
const LONGEST = 6000;
const kept = new Map();

/** What /explore/data.json answers, with all that is told of the things in `expand`. */
export async function fetchNetwork({ root, of, limit }, expand) {
  const asked = new URLSearchParams(of);
  for (const thing of expand) asked.append("expand", thing);
  asked.set("limit", limit);
  const key = asked.toString();
  if (kept.has(key)) return kept.get(key);
  const path = `${root}/explore/data.json`;
  // An address may not be as long as a query.
  const answer = await (key.length > LONGEST ? fetch(path, { method: "POST", body: asked }) : fetch(`${path}?${key}`)).catch(() => {
    throw new Error("The service does not answer. Is it still running? Load the page anew to try again.");
  });
  if (!answer.ok) throw await problemOf(answer);
  const found = await answer.json();
  kept.set(key, found);
  return found;
}

/** What went wrong, in the words of the service. */
export async function problemOf(answer) {
  const said = await answer.json().catch(() => ({}));
  const detail = said.detail ?? `The service answered ${answer.status}`;
  return new Error([detail, said.hint].filter(Boolean).join(". "));
}

/** An IRI as an address names the thing: by its slug, if it has one; null for what has no IRI. */
export function thingOf(iri) {
  return iri?.startsWith(ID) ? iri.slice(ID.length) : iri ?? null;
}
