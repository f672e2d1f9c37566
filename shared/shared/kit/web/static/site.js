// Everything works without this file. It moves focus to what must be read first, and leaves the page quickly.
(() => {
  "use strict";

  // The help lines stay in sight, so the page is not scrolled.
  const summary = document.querySelector("[data-focus]");
  if (summary) summary.focus({ preventScroll: true });

  // A form that is kept while it is filled in: back, reload and another page lose nothing.
  const kept = document.querySelector("form[data-keep]");
  if (kept) {
    let unsaved = false;
    let saved = Promise.resolve();
    const save = async () => {
      if (!unsaved) return;
      unsaved = false;
      const fields = new URLSearchParams(new FormData(kept));
      fields.append("_save", "1");
      await fetch(kept.action, { method: "POST", body: fields, keepalive: true })
        .then((answer) => (answer.status === 200 ? answer.json() : null))
        .then((answer) => { if (answer && answer.go) location.assign(answer.go); })
        .catch(() => { unsaved = true; });
    };
    kept.addEventListener("input", () => { unsaved = true; });
    // One after the other: of two at once, the older one might arrive last.
    kept.addEventListener("change", () => { saved = saved.then(save); });
    kept.addEventListener("submit", () => { unsaved = false; });
    addEventListener("pagehide", save);
    addEventListener("leaving", () => { unsaved = false; });
  }

  // A form whose page shows what it makes: the preview follows what is typed. Without this there is a button for it.
  const drawn = document.querySelector("form[data-preview]");
  if (drawn) {
    const WAIT_MS = 400;
    let timer = 0;
    let newest = 0;
    const draw = () => {
      const number = ++newest;
      const fields = new URLSearchParams(new FormData(drawn));
      fields.append("steg", "se");
      fetch(drawn.action, { method: "POST", body: fields })
        .then((answer) => (answer.ok ? answer.text() : ""))
        .then((page) => {
          const made = new DOMParser().parseFromString(page, "text/html").getElementById("preview");
          const shown = document.getElementById("preview");
          if (number !== newest || !made || !shown) return;
          const open = [...shown.querySelectorAll("details")].map((part) => part.open);
          made.querySelectorAll("details").forEach((part, place) => { part.open = open[place]; });
          shown.replaceWith(document.importNode(made, true));
        })
        .catch(() => {});
    };
    drawn.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(draw, WAIT_MS); });
  }

  // In a frame on a centre's own site: the page around it learns how high this one is, and nothing else.
  const framed = window.parent !== window;
  if (framed) {
    document.documentElement.classList.add("framed");
    const tell = (more) => parent.postMessage({ height: document.body.getBoundingClientRect().height, ...more }, "*");
    new ResizeObserver(() => tell({})).observe(document.body);
    tell({ page: true });
  }

  const exit = document.querySelector("[data-quick-exit]");
  if (!exit) return;

  const SLOW_MS = 200;

  const leave = () => {
    document.documentElement.hidden = true;
    dispatchEvent(new Event("leaving"));
    const forget = document.querySelector("form[data-forget]");
    if (forget) navigator.sendBeacon(forget.action, new URLSearchParams(new FormData(forget)));
    document.title = "";
    for (const field of document.querySelectorAll("input, textarea, select")) {
      if (field.type === "checkbox" || field.type === "radio") field.checked = false;
      else field.value = "";
    }
    try {
      localStorage.clear();
      sessionStorage.clear();
      sessionStorage.setItem("left", exit.href); // read by leave.js
    } catch {
      // Storage may be forbidden; then there is nothing in it.
    }
    if (framed) {
      // The script around the frame leaves, also after Escape, which a browser does not count as a press. A plain frame
      // has none.
      parent.postMessage({ leave: true }, "*");
      setTimeout(() => window.open(exit.href, "_top"), SLOW_MS);
      return;
    }
    const pages = window.navigation ? navigation.entries() : [];
    const first = pages[0];
    if (pages.length > 1 && navigation.currentEntry.index > 0) {
      // To the first page of ours, which cuts off all that come after it. Should it be slow, leave from here.
      setTimeout(() => location.replace(exit.href), SLOW_MS);
      navigation.traverseTo(first.key).finished.catch(() => location.replace(exit.href));
    } else {
      location.replace(exit.href);
    }
  };

  exit.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });

  // Twice, since one Escape closes the browser's own lists of suggestions.
  const TWICE_WITHIN_MS = 1000;
  let last = -Infinity;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.repeat) return;
    if (event.timeStamp - last < TWICE_WITHIN_MS) leave();
    last = event.timeStamp;
  });
})();
