// Show the newest state without moving the page under the reader.
setInterval(async () => {
  try {
    const text = await (await fetch("/")).text();
    const fresh = new DOMParser().parseFromString(text, "text/html");
    if (!fresh.querySelector("script")) { location.reload(); return; } // over: the summary stands still
    for (const part of ["h1", ".day", ".now", ".diary"]) {
      const here = document.querySelector(part), there = fresh.querySelector(part);
      if (!there || !here) { if (there) location.reload(); continue; }
      if (here.outerHTML !== there.outerHTML && !(part === ".now" && here.contains(document.activeElement) && here.className === there.className && here.querySelectorAll("li").length === there.querySelectorAll("li").length)) here.replaceWith(there);
    }
  } catch { /* the command has stopped; the page stays as it is */ }
}, 1000);
