// Marks the current sentence in the rail.

/** Watch the sentences of `reading`; returns the observer, to be disconnected with them. */
export function glance(reading) {
  const links = new Map();
  for (const link of reading.querySelectorAll(".rail a")) links.set(decodeURIComponent(link.hash.slice(1)), link);
  const seen = new Set();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (entry.isIntersecting) seen.add(entry.target);
        else seen.delete(entry.target);
      }
      const first = [...seen].sort((a, b) => a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1)[0];
      mark(reading, first && links.get(first.id));
    },
    { rootMargin: "-10% 0px -55% 0px" },
  );
  for (const sentence of reading.querySelectorAll(".sentence")) observer.observe(sentence);
  return observer;
}

function mark(reading, link) {
  for (const old of reading.querySelectorAll(".rail [aria-current]")) old.removeAttribute("aria-current");
  if (!link) return;
  link.setAttribute("aria-current", "location");
  const rail = link.closest(".rail");
  if (rail.scrollHeight > rail.clientHeight) {
    const top = link.offsetTop - rail.offsetTop;
    if (top < rail.scrollTop || top + link.offsetHeight > rail.scrollTop + rail.clientHeight)
      rail.scrollTop = top - rail.clientHeight / 2;
  }
}
