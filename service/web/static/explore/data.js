// The network from the service: the whole, or a first part with the total count.

const ID = "https://w3id.org/comity/id/";
const LONGEST = 6000;
const kept = new Map();

/** The response of /explore/data.json, with everything about the things in `expand`. */
export async function fetchNetwork({ root, of, limit }, expand) {
  const asked = new URLSearchParams(of);
  for (const thing of expand) asked.append("expand", thing);
  asked.set("limit", limit);
  const key = asked.toString();
  if (kept.has(key)) return kept.get(key);
  const path = `${root}/explore/data.json`;
  // A query may be too long for an address.
  const answer = await (key.length > LONGEST ? fetch(path, { method: "POST", body: asked }) : fetch(`${path}?${key}`)).catch(() => {
    throw new Error("The service does not answer. Is it still running? Reload the page to try again.");
  });
  if (!answer.ok) throw await problemOf(answer);
  const found = await answer.json();
  kept.set(key, found);
  return found;
}

/** The service's error message. */
export async function problemOf(answer) {
  const said = await answer.json().catch(() => ({}));
  const detail = said.detail ?? `The service answered ${answer.status}`;
  return new Error([detail, said.hint].filter(Boolean).join(". "));
}

/** A thing as named in an address: its slug, else its IRI; null without an IRI. */
export function thingOf(iri) {
  return iri?.startsWith(ID) ? iri.slice(ID.length) : iri ?? null;
}
