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
    const save = () => {
      if (!unsaved) return;
      unsaved = false;
      const fields = new URLSearchParams(new FormData(kept));
      fields.append("_save", "1");
      fetch(kept.action, { method: "POST", body: fields, keepalive: true }).catch(() => { unsaved = true; });
    };
    kept.addEventListener("input", () => { unsaved = true; });
    kept.addEventListener("change", save);
    kept.addEventListener("submit", () => { unsaved = false; });
    addEventListener("pagehide", save);
    addEventListener("leaving", () => { unsaved = false; });
  }

  const exit = document.querySelector("[data-quick-exit]");
  if (!exit) return;

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
      sessionStorage.clear();
      localStorage.clear();
    } catch {
      // Storage may be forbidden; then there is nothing in it.
    }
    location.replace(exit.href);
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
