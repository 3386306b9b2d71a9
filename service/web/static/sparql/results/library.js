// Non-module libraries, loaded when a view first needs them.
const LIBRARIES = new URL("../../libraries/", import.meta.url).href;
const loading = new Map();

/** Loads a script below /static/libraries once; rejects if it is missing. */
export function script(path) {
  return once(path, () => {
    const made = document.createElement("script");
    made.src = LIBRARIES + path;
    return made;
  });
}

/** Loads a style sheet below /static/libraries once. */
export function sheet(path) {
  return once(path, () => {
    const made = document.createElement("link");
    made.rel = "stylesheet";
    made.href = LIBRARIES + path;
    return made;
  });
}

function once(path, make) {
  if (!loading.has(path)) {
    const made = make();
    const loaded = new Promise((resolve, reject) => {
      made.addEventListener("load", resolve);
      made.addEventListener("error", () => {
        loading.delete(path);
        made.remove();
        reject(new Error(`${path} is missing`));
      });
    });
    document.head.append(made);
    loading.set(path, loaded);
  }
  return loading.get(path);
}
