// Names and roles that the theme leaves out; without them a screen reader is lost (axe-core, WCAG 2.2).
(() => {
  const each = (selector, change) => document.querySelectorAll(selector).forEach(change);
  const mend = () => {
    const sidebar = document.getElementById("pst-primary-sidebar");
    if (sidebar) {
      sidebar.setAttribute("role", "region");
      sidebar.setAttribute("aria-label", "Course");
    }
    // docutils gives a citation a role that is deprecated, in a list that may not hold it.
    each("div.citation-list, div.citation", (node) => node.removeAttribute("role"));
    // The theme's switch has a name; its icons, which a script puts in later, need none.
    each(".theme-switch-button", (button) => {
      const hide = () => button.querySelectorAll("svg:not([aria-hidden])").forEach((icon) => {
        icon.querySelector("title")?.remove();
        for (const name of ["role", "aria-labelledby"]) icon.removeAttribute(name);
        icon.setAttribute("aria-hidden", "true");
      });
      new MutationObserver(hide).observe(button, {childList: true});
      hide();
    });
    // What is read aloud must hold what is seen.
    each("button.search-button-field", (button) => button.removeAttribute("aria-label"));
    each(".sidebar-toggle.primary-toggle", (button) => button.setAttribute("aria-label", "Table of contents"));
    each(".sidebar-toggle.secondary-toggle", (button) => button.setAttribute("aria-label", "Contents of this page"));
  };
  // A formula wider than the page scrolls, and has to be reachable without a mouse.
  const reach = () => each("mjx-container", (formula) => {
    const room = formula.closest("td, li, p, dd, div, article").clientWidth;
    const wide = formula.querySelector("mjx-math").getBoundingClientRect().width > room;
    formula.classList.toggle("wide", wide);
    if (wide) formula.tabIndex = 0;
    else formula.removeAttribute("tabindex");
  });
  addEventListener("load", () => window.MathJax?.startup?.promise.then(reach));
  addEventListener("resize", reach);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", mend);
  else mend();
})();
