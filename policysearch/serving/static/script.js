// Makes what works without it quicker: keys, moving between matches, copying. It keeps nothing and asks nobody.
"use strict";
(() => {
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];

  // copying a citation
  for (const button of all("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const said = button.textContent;
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = document.body.dataset.copied;
      setTimeout(() => { button.textContent = said; }, 1500);
    });
  }

  // facets are folded where there is little room
  if (matchMedia("(max-width: 62rem)").matches) {
    for (const details of all(".facets > details, .outline > details")) details.open = false;
  }

  // matches: those on this page without a request, the others by their links
  const bar = one(".matches[data-total]");
  const go = (step) => {
    if (!bar) return false;
    const total = Number(bar.dataset.total), at = Number(bar.dataset.at) + step;
    if (at < 1 || at > total) return true;
    const mark = document.getElementById("m" + at);
    const link = bar.querySelector(step > 0 ? ".next" : ".previous");
    if (!mark) { location.href = link.href; return true; }
    for (const before of all("mark.at")) before.classList.remove("at");
    mark.classList.add("at");
    mark.scrollIntoView({ block: "center" });
    bar.dataset.at = at;
    const count = bar.querySelector(".count");
    count.textContent = count.textContent.replace(/\d+/, at);
    const address = new URL(location.href);
    address.searchParams.set("at", at);
    address.hash = "m" + at;
    history.replaceState(null, "", address);
    for (const [name, to] of [["previous", at - 1], ["next", at + 1]]) {
      const other = bar.querySelector("." + name);
      const wanted = new URL(address);
      wanted.searchParams.set("at", Math.min(Math.max(to, 1), total));
      wanted.hash = "m" + Math.min(Math.max(to, 1), total);
      other.href = wanted;
      other.toggleAttribute("aria-disabled", to < 1 || to > total);
      if (other.hasAttribute("aria-disabled")) other.setAttribute("aria-disabled", "true");
    }
    return true;
  };
  if (bar) {
    bar.querySelector(".previous")?.addEventListener("click", (event) => { if (go(-1)) event.preventDefault(); });
    bar.querySelector(".next")?.addEventListener("click", (event) => { if (go(1)) event.preventDefault(); });
  }

  // where one is in the outline
  const entries = new Map(all(".outline a[href^='#']").map((link) => [link.hash.slice(1), link]));
  if (entries.size) {
    const sections = all(".section[id]").filter((section) => entries.has(section.id));
    // a section that a link leads to starts below its margin and that of the page
    const edge = () => parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop)
      + parseFloat(getComputedStyle(sections[0]).scrollMarginTop) + 2;
    const mark = () => {
      const line = edge();
      const top = (section) => section.getBoundingClientRect().top;
      let here = sections.findLast((section) => top(section) <= line) || sections[0];
      // the last sections cannot be scrolled to the edge: there it is the one that was asked for
      const end = scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
      const asked = sections.find((section) => section.id === location.hash.slice(1));
      if (end && asked && top(asked) > line && top(asked) < innerHeight) here = asked;
      for (const link of entries.values()) link.removeAttribute("aria-current");
      entries.get(here.id).setAttribute("aria-current", "location");
    };
    let waiting = false;
    const soon = () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; mark(); });
    };
    if (sections.length) {
      for (const happened of ["scroll", "resize", "hashchange"]) addEventListener(happened, soon, { passive: true });
      soon();
    }
  }

  // keys
  const hits = all(".hit");
  let chosen = -1;
  const choose = (step) => {
    if (!hits.length) return;
    chosen = Math.min(Math.max(chosen + step, 0), hits.length - 1);
    for (const hit of hits) hit.classList.toggle("here", hit === hits[chosen]);
    hits[chosen].querySelector("a").focus({ preventScroll: true });
    hits[chosen].scrollIntoView({ block: "nearest" });
  };
  const outline = () => {
    const details = one("#outline details");
    if (!details) return;
    details.open = true;
    (one("#outline a[aria-current]") || one("#outline a"))?.focus();
  };
  const keys = {
    "/": () => { const field = one("#q"); field?.focus(); field?.select(); },
    j: () => choose(1), k: () => choose(-1), n: () => go(1), p: () => go(-1), o: outline,
    "?": () => one("#help").showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = event.target;
    if (at instanceof HTMLElement && (at.isContentEditable || at.closest("input, textarea, select, dialog[open]"))) return;
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });
})();
