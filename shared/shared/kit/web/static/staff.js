// Pages of staff work without this file. It moves people by mouse, ticks all of a table, and knows some keys.
(() => {
  "use strict";

  // People are moved by mouse as by the links beside each group: what is dropped opens the link's page, which asks first.
  const groups = document.querySelectorAll("[data-board]");
  if (groups.length) {
    let moved = "";
    const link = (group) => group.querySelector(`a[data-move="${moved}"]`);
    for (const row of document.querySelectorAll("[data-person]")) {
      row.draggable = true;
      row.addEventListener("dragstart", () => { moved = row.dataset.person; });
    }
    for (const group of groups) {
      group.addEventListener("dragover", (event) => { if (moved && link(group)) event.preventDefault(); });
      group.addEventListener("drop", (event) => {
        event.preventDefault();
        if (link(group)) location.assign(link(group).href);
      });
    }
  }

  // One press ticks every box of a table, and the next one none; without this each is ticked by itself.
  for (const place of document.querySelectorAll("[data-tick]")) {
    const boxes = [...document.querySelectorAll(`input[type=checkbox][name="${place.dataset.tick}"]`)];
    const button = document.createElement("button");
    button.className = "ds-button";
    button.type = "button";
    button.dataset.variant = "secondary";
    button.dataset.size = "sm";
    const all = () => boxes.every((box) => box.checked);
    const show = () => { button.textContent = all() ? place.dataset.none : place.dataset.all; };
    button.addEventListener("click", () => {
      const ticked = !all();
      for (const box of boxes) box.checked = ticked;
      show();
    });
    for (const box of boxes) box.addEventListener("change", show);
    addEventListener("pageshow", show); // the way back brings the ticks along
    show();
    if (boxes.length > 1) place.replaceChildren(button);
  }

  // Keys, which can be turned off on the page of help. They rest while something is typed, and beside Ctrl, Alt and Meta.
  const NAME = "keys";
  const GOES = { d: "", p: "personer", g: "grupper", o: "omrader", m: "moter", e: "post", r: "rom", h: "historikk" };
  const WITHIN_MS = 1500;
  const root = document.querySelector(".staff .brand")?.getAttribute("href") ?? "/stab/";
  const stored = () => { try { return localStorage.getItem(NAME); } catch { return null; } };
  const store = (value) => { try { localStorage.setItem(NAME, value); } catch { /* nothing is remembered then */ } };

  let began = -Infinity;
  document.addEventListener("keydown", (event) => {
    if (stored() === "off" || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    const after = event.timeStamp - began < WITHIN_MS;
    began = -Infinity;
    if (after && event.key in GOES) location.assign(root + GOES[event.key]);
    else if (event.key === "g") began = event.timeStamp;
    else if (event.key === "?") location.assign(`${root}hjelp`);
    else if (event.key === "/") {
      event.preventDefault();
      const field = document.getElementById("tekst");
      if (field) field.focus();
      else location.assign(`${root}personer#tekst`);
    }
  });
  if (location.hash === "#tekst") document.getElementById("tekst")?.focus();

  const choice = document.querySelector("[data-keys]");
  if (choice) {
    const button = document.createElement("button");
    button.className = "ds-button";
    button.type = "button";
    button.dataset.variant = "secondary";
    const show = () => { button.textContent = stored() === "off" ? choice.dataset.on : choice.dataset.off; };
    button.addEventListener("click", () => { store(stored() === "off" ? "on" : "off"); show(); });
    show();
    choice.replaceChildren(button);
  }
})();
