// Running a query: one request, which can be stopped; only a complete answer is ever shown.
const LARGEST = 64_000_000; // bytes of an answer; a browser tab needs several times as much memory
const TICK = 100; // milliseconds

/** A problem, as in the service's problem documents: {title, detail, hint, line, column}. */
export class Problem extends Error {
  constructor(problem) {
    super(problem.detail ?? problem.title);
    this.problem = problem;
  }
}

/**
 * Connects an editor to `endpoint`. The YASGUI tab gets the usual events for answers ("query", "queryResponse"); for what is
 * stopped or fails only the end ("queryAbort"). `heard(cm, state)` gets everything: {state, elapsed, bytes, problem}.
 */
export function run(Yasqe, endpoint, heard) {
  Yasqe.prototype.query = async function () {
    this.abortQuery();
    const controller = new AbortController();
    const began = performance.now();
    const elapsed = () => Math.round(performance.now() - began);
    let bytes = 0;
    const tell = (state, further) => heard(this, { state, elapsed: elapsed(), bytes, ...further });
    this.emit("queryBefore", this);
    const request = requestOf(this, endpoint, controller.signal);
    this.emit("query", request, controller);
    this.asking = controller;
    tell("running");
    const clock = setInterval(() => tell("running"), TICK);
    try {
      const answer = await readAnswer(request, (size) => (bytes = size));
      if (this.asking !== controller) return undefined;
      this.emit("queryResponse", answer, elapsed());
      tell("done");
      return answer;
    } catch (error) {
      if (this.asking !== controller) return undefined; // another query has replaced it
      controller.abort(); // stop the rest of the response
      this.emit("queryAbort", request);
      if (error.name === "AbortError") tell("stopped");
      else tell("failed", { problem: error.problem ?? { title: "Error in this page", detail: String(error) } });
      return undefined;
    } finally {
      clearInterval(clock);
      if (this.asking === controller) this.asking = null;
    }
  };
}

function requestOf(cm, endpoint, signal) {
  const isGraph = ["CONSTRUCT", "DESCRIBE"].includes(cm.getQueryType());
  const types = ["application/sparql-results+json", "text/turtle"]; // the service decides which of them applies
  const [first, second] = isGraph ? types.reverse() : types;
  return new Request(endpoint, {
    method: "POST",
    headers: { Accept: `${first}, ${second};q=0.9`, "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ query: cm.getValue() }).toString(),
    signal,
  });
}

async function readAnswer(request, counted) {
  const response = await fetch(request).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new Problem({ title: "The service can't be reached", detail: "It did not answer.", hint: "Check that it is running, then try again." });
  });
  if (!response.ok) throw new Problem(await problemOf(response));
  const pieces = [];
  let size = 0;
  try {
    for await (const piece of piecesOf(response.body)) {
      pieces.push(piece);
      counted((size += piece.length));
      if (size > LARGEST) throw tooLarge();
    }
  } catch (error) {
    if (error.name === "AbortError" || error instanceof Problem) throw error;
    throw broken(size);
  }
  return {
    ok: true,
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
    type: response.type,
    content: await new Blob(pieces).text(),
  };
}

async function* piecesOf(body) {
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

async function problemOf(response) {
  const text = await response.text().catch(() => "");
  try {
    return JSON.parse(text);
  } catch {
    return { status: response.status, title: response.statusText || `Status ${response.status}`, detail: text.slice(0, 500) };
  }
}

const tooLarge = () =>
  new Problem({
    title: "Too large to show",
    detail: `The answer is longer than ${LARGEST / 1e6} MB. It was stopped, and nothing is shown.`,
    hint: "Reduce it with LIMIT or a narrower pattern, or download the whole with curl or another program.",
  });

const broken = (size) =>
  new Problem({
    title: "The answer was cut off",
    detail: `After ${size.toLocaleString("en")} bytes the service closed the connection. The answer is incomplete, so nothing is shown.`,
    hint: "This happens when a query reaches its time or memory limit halfway. Reduce the query.",
  });
