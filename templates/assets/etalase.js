// What a script adds: a button that copies an amount, an account or a receipt number; how much is left; and an order that was turned away for a
// moment is sent again by itself. Without it they can be selected, the order form says what is left, and a button sends again.
"use strict";
(() => {
  const words = document.body.dataset;

  const addCopyButtons = () => {
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
  };

  // The units that the emptiest of some pools still has; without end where none of them is limited.
  const least = (pools, left) => Math.min(...pools.split(" ").map((pool) => left[pool] ?? Infinity));

  const showLeft = (campaigns, words) => {
    for (const mark of document.querySelectorAll("[data-pools]")) {
      const units = least(mark.dataset.pools, campaigns[words.campaign] ?? {});
      const state = units === 0 ? "gone" : units <= Number(mark.dataset.few) ? "few" : "some";
      mark.className = `left left-${state}`;
      mark.textContent = words[state].replace("{n}", units);
      mark.hidden = units === Infinity || (state === "some" && "quiet" in mark.dataset);
    }
    for (const goal of document.querySelectorAll("[data-goal]")) {
      const taken = campaigns[words.campaign]?.taken;
      goal.hidden = !Number.isInteger(taken);
      goal.firstElementChild.value = taken ?? 0;
      const reached = taken >= Number(goal.dataset.goal) && goal.dataset.enough;
      goal.lastElementChild.textContent = (reached || goal.dataset.word).replace("{n}", taken);
    }
    for (const badge of document.querySelectorAll("[data-variants]")) {
      const left = campaigns[badge.dataset.campaign] ?? {};
      const gone = badge.dataset.variants.split("|").every((pools) => least(pools, left) === 0);
      badge.dataset.word ??= badge.lastChild.data;
      badge.lastChild.data = gone ? words.gone : badge.dataset.word;
      badge.className = `badge badge-${gone ? "closed" : "open"}`;
    }
  };

  const askLeft = async (words) => {
    try {
      showLeft(await (await fetch(words.url, { credentials: "omit" })).json(), words);
    } catch {
      // The page says all that counts without it.
    }
  };

  const sendAgain = (form) => {
    const pause = Number(form.dataset.again);
    document.getElementById("wait").textContent = form.dataset.queueWord;
    // Each at another moment: they were all turned away in the same one.
    setTimeout(() => form.submit(), 1000 * pause * (1 + 2 * Math.random()));
  };

  if (navigator.clipboard) addCopyButtons();
  const left = document.getElementById("left-words");
  if (left) {
    askLeft(left.dataset);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) askLeft(left.dataset); });
  }
  document.querySelectorAll("form[data-again]").forEach(sendAgain);
})();
