// The only thing that a script adds: a button that copies an amount, an account or a receipt number. Without it they can be selected.
"use strict";
(() => {
  const words = document.body.dataset;
  if (!navigator.clipboard) return;
  for (const element of document.querySelectorAll("[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = words.copyWord;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(element.dataset.copy);
        button.textContent = words.copiedWord;
        setTimeout(() => { button.textContent = words.copyWord; }, 2000);
      } catch {
        getSelection().selectAllChildren(element);
      }
    });
    element.after(button);
  }
})();
