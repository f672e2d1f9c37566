// For a centre's own site: <selvhjelp-pamelding place="5003" language="nn"></selvhjelp-pamelding> is the form in a frame
// as high as what is in it. It sets styles by script only, which a strict policy allows, and keeps nothing but that
// somebody left by the quick exit, for as long as the tab is open.
(() => {
  "use strict";
  const site = new URL(document.currentScript.src).origin;
  const TITLES = { nb: "Påmelding til selvhjelpsgruppe", nn: "Påmelding til sjølvhjelpsgruppe", en: "Sign-up for a self-help group" };
  const LEFT = "selvhjelp-left"; // nothing that was typed
  const LEAST_PX = 320;
  const MOST_PX = 20000;

  const kept = (act) => {
    try {
      return act(sessionStorage);
    } catch {
      return null; // storage may be forbidden; then the way back shows an empty form
    }
  };
  const leave = () => {
    document.documentElement.hidden = true;
    location.replace(new URL("/ut", site));
  };

  // Who has left and goes back must not see the form again; who opens the page anew may.
  const [how] = performance.getEntriesByType("navigation");
  const wentBack = how && how.type === "back_forward";
  const hasLeft = () => kept((storage) => storage.getItem(LEFT));
  addEventListener("pageshow", (event) => { if (event.persisted && hasLeft()) leave(); });
  if (wentBack && hasLeft()) {
    leave();
    return;
  }
  kept((storage) => storage.removeItem(LEFT));

  class SignupFrame extends HTMLElement {
    connectedCallback() {
      if (this.frame) return;
      const language = this.getAttribute("language") in TITLES ? this.getAttribute("language") : "nb";
      const address = new URL(language === "nb" ? "/pamelding" : `/${language}/pamelding`, site);
      if (this.getAttribute("place")) address.searchParams.set("sted", this.getAttribute("place"));
      this.frame = document.createElement("iframe");
      this.frame.title = TITLES[language];
      this.frame.src = address.href;
      this.style.display = "block";
      this.frame.style.border = "0";
      this.frame.style.display = "block";
      this.frame.style.height = "45rem";
      this.frame.style.width = "100%";
      let pages = 0;
      addEventListener("message", (event) => {
        const told = event.data;
        if (event.source !== this.frame.contentWindow || event.origin !== site || !told) return;
        if (told.leave) {
          this.frame.remove();
          kept((storage) => storage.setItem(LEFT, "1"));
          leave();
          return;
        }
        if (Number.isFinite(told.height)) {
          this.frame.style.height = `${Math.min(MOST_PX, Math.max(LEAST_PX, Math.ceil(told.height)))}px`;
        }
        // The next step begins at its top, which may be above what is seen.
        if (told.page && pages++ && this.getBoundingClientRect().top < 0) this.scrollIntoView();
      });
      this.append(this.frame);
    }
  }
  customElements.define("selvhjelp-pamelding", SignupFrame);
})();
