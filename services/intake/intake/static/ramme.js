// For a centre's own site: <selvhjelp-pamelding place="5003" language="nn"></selvhjelp-pamelding> is the form in a frame
// as high as what is in it. It reads and keeps nothing, and sets styles by script only, which a strict policy allows.
(() => {
  "use strict";
  const site = new URL(document.currentScript.src).origin;
  const TITLES = { nb: "Påmelding til selvhjelpsgruppe", nn: "Påmelding til sjølvhjelpsgruppe", en: "Sign-up for a self-help group" };
  const LEAST_PX = 320;
  const MOST_PX = 20000;

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
