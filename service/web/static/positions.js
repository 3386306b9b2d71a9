// A cell opens its words in a dialog; without this script it links to them further down the page.

const panel = document.createElement("dialog");
panel.className = "panel";
panel.setAttribute("aria-labelledby", "panel-title");

const close = document.createElement("button");
close.type = "button";
close.textContent = "Close";
close.addEventListener("click", () => panel.close());

function open(article) {
  const copy = article.cloneNode(true);
  copy.removeAttribute("id");
  const title = document.createElement("h2");
  title.id = "panel-title";
  title.append(...copy.querySelector("h3").childNodes);
  copy.querySelector("h3").remove();
  const head = document.createElement("header");
  head.append(title, close);
  panel.replaceChildren(head, ...copy.childNodes);
  panel.showModal();
  panel.scrollTop = 0;
  close.focus();
}

document.querySelector(".matrix")?.addEventListener("click", (event) => {
  const cell = event.target.closest("a.cell");
  const plain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (!cell || !plain) return;
  const article = document.getElementById(decodeURIComponent(cell.hash.slice(1)));
  if (!article) return;
  event.preventDefault();
  open(article);
});

// A click outside of the dialog closes it, as Escape does.
panel.addEventListener("click", (event) => {
  if (event.target === panel) panel.close();
});

document.body.append(panel);

// The words below are for readers without scripts, for printing, and for links to one cell.
const all = document.querySelector(".in-words details");
if (all && !location.hash.startsWith("#words-")) all.open = false;
addEventListener("beforeprint", () => all?.setAttribute("open", ""));
