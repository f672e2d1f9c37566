// Runs before anything is shown: after a quick exit the way back leads to the neutral page, never to ours.
(() => {
  "use strict";

  const LEFT = "left"; // where the person went; nothing that was typed
  const NEUTRAL = "/ut"; // leads on to the same page, so that nothing of ours is left in the list of pages

  const left = () => {
    try {
      return sessionStorage.getItem(LEFT);
    } catch {
      return null;
    }
  };

  // The first page of ours in the list: everything after it is cut off, and it is replaced itself.
  const cut = (target) => {
    document.documentElement.hidden = true;
    document.title = "";
    history.replaceState(null, "", NEUTRAL);
    history.pushState(null, "", NEUTRAL);
    location.replace(target);
  };

  const cameBack = () => {
    const target = left();
    if (target) cut(target);
  };

  const [how] = performance.getEntriesByType("navigation");
  if (how && how.type === "back_forward") cameBack();
  else if (left()) sessionStorage.removeItem(LEFT);
  addEventListener("pageshow", (event) => { if (event.persisted) cameBack(); });
})();
