(function () {
  // The handle of a slider in ipywidgets 8 has no accessible name; give it the text of its visible label.
  if (window.fmdSliderLabels) return;
  function label() {
    document.querySelectorAll(".fx-frame [role=slider]:not([aria-label])").forEach(function (handle) {
      var row = handle.closest(".widget-inline-hbox, .jupyter-widget-inline-hbox, .widget-hbox");
      var text = row && row.querySelector("label");
      if (text && text.textContent) handle.setAttribute("aria-label", text.textContent);
    });
  }
  window.fmdSliderLabels = new MutationObserver(label);
  window.fmdSliderLabels.observe(document.body, { childList: true, subtree: true });
  label();
})();
