// Export exactly what is shown: as a file for any viewer, as a picture, as a link.
import { problemOf } from "./data.js";

// Some programs truncate longer addresses.
const LONG = 8000;

export class Exports {
  constructor(explorer) {
    this.explorer = explorer;
    this.said = document.getElementById("export-state");
    document.getElementById("exports").addEventListener("click", ({ target }) => {
      const { export: suffix, flavor } = target.dataset;
      if (suffix && explorer.cy) this.take(suffix, flavor).catch((error) => this.say(error.message));
    });
    document.querySelector('[data-act="link"]').addEventListener("click", () => this.link());
  }

  say(text) {
    this.said.textContent = text;
  }

  async take(suffix, flavor = "") {
    this.say("Writing …");
    const name = `${this.explorer.of.get("view") ?? this.explorer.of.get("canned") ?? "query"}-seen`;
    const blob = suffix === "picture" ? await this.picture() : await this.file(suffix, flavor);
    const file = suffix === "picture" ? `${name}.png` : `${name}.${suffix}`;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    this.say(`${file} is ready: ${Math.ceil(blob.size / 1024).toLocaleString("en")} kB.`);
  }

  async file(suffix, flavor) {
    const { cy, root } = this.explorer;
    const seen = (of) => of.filter((each) => !each.hasClass("gone"));
    const nodes = seen(cy.nodes());
    const body = JSON.stringify({
      of: this.of(),
      nodes: nodes.map((node) => node.id()),
      edges: seen(cy.edges()).map((edge) => edge.id()),
      positions: Object.fromEntries(nodes.map((node) => [node.id(), [node.position("x"), node.position("y")]])),
    });
    const asked = flavor ? `?flavor=${flavor}` : "";
    const answer = await fetch(`${root}/explore/export.${suffix}${asked}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
    });
    if (!answer.ok) throw await problemOf(answer);
    return answer.blob();
  }

  picture() {
    const bg = getComputedStyle(document.body).backgroundColor;
    return this.explorer.cy.png({ output: "blob-promise", bg, full: true, scale: 2, maxWidth: 8000, maxHeight: 8000 });
  }

  of() {
    const asked = new URLSearchParams(this.explorer.of);
    for (const thing of this.explorer.state.expand) asked.append("expand", thing);
    return asked.toString();
  }

  async link() {
    const said = document.getElementById("link-state");
    const long = location.href.length > LONG ? ` It has ${location.href.length.toLocaleString("en")} characters, and some programs truncate such long addresses.` : "";
    try {
      await navigator.clipboard.writeText(location.href);
      said.textContent = `Copied.${long}`;
    } catch {
      said.textContent = `The address of this page is the link: copy it from the address bar.${long}`;
    }
  }
}
