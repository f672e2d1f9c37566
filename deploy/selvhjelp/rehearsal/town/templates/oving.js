// Show the newest state without moving the page under the reader.
const PARTS = ["h1", ".day", ".now", ".diary"];

function isInUse(part, fresh) {
  // A button that has the focus stays, as long as it still does the same.
  return part.contains(document.activeElement) && part.querySelector("h2").textContent === fresh.querySelector("h2").textContent;
}

async function renew() {
  const fresh = new DOMParser().parseFromString(await (await fetch("/")).text(), "text/html");
  if (!fresh.querySelector("script")) { location.reload(); return; } // over: the summary stands still
  for (const name of PARTS) {
    const here = document.querySelector(name), there = fresh.querySelector(name);
    if (here.outerHTML !== there.outerHTML && !(name === ".now" && isInUse(here, there))) here.replaceWith(there);
  }
}

setInterval(() => renew().catch(() => { /* the command has stopped; the page stays as it is */ }), 1000);
