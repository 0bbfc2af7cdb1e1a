// The theme's unfolding arrows have no name; a screen reader says this one.
document.addEventListener("DOMContentLoaded", () => {
  for (const arrow of document.querySelectorAll("summary:has(> .toctree-toggle)"))
    arrow.setAttribute("aria-label", "pages below " + arrow.parentElement.parentElement.querySelector("a").textContent.trim());
});
