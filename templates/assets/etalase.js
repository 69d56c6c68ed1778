// What a script adds: a button that copies an amount, an account or a receipt number; how much and how long is left; and an order that was turned away for a
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
      const units = least(mark.dataset.pools, campaigns[mark.dataset.campaign ?? words.campaign] ?? {});
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
    for (const badge of document.querySelectorAll("[data-variants]:not([data-over])")) {
      const left = campaigns[badge.dataset.campaign] ?? {};
      const few = badge.dataset.few.split(" ");
      const units = badge.dataset.variants.split("|").map((pools) => least(pools, left));
      badge.dataset.word ??= badge.lastChild.data;
      const [state, word] = units.every((each) => each === 0) ? ["closed", words.gone]
        : units.every((each, at) => each <= Number(few[at])) ? ["almost", words.almost] : ["open", badge.dataset.word];
      badge.lastChild.data = word;
      badge.className = `badge badge-${state}`;
    }
  };

  const askLeft = async (words) => {
    try {
      showLeft(await (await fetch(words.url, { credentials: "omit" })).json(), words);
    } catch {
      // The page says all that counts without it.
    }
  };

  // How long it is still until something opens or closes, in the largest unit that says it well. Once it has passed, the badge says what is so now:
  // a page lies on its host as it was made, and nobody may be there to make it anew at midnight.
  const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];
  const showTimes = () => {
    const inWords = new Intl.RelativeTimeFormat(document.documentElement.lang);
    for (const time of document.querySelectorAll("[data-at]")) {
      const seconds = (Date.parse(time.dataset.at) - Date.now()) / 1000;
      const [unit, length] = UNITS.find(([, size]) => seconds >= 2 * size) ?? UNITS.at(-1);
      time.textContent = time.dataset.word.replace("{in}", inWords.format(Math.max(1, Math.floor(seconds / length)), unit));
      time.className = `soon${seconds < 86400 ? " soon-now" : ""}`;
      time.hidden = seconds <= 0;
      const badge = time.hidden && time.closest(".campaign-card, .hero").querySelector(".badge:not([data-over])");
      if (badge) {
        badge.dataset.over = "";
        badge.className = `badge badge-${time.dataset.next}`;
        badge.textContent = time.dataset.then;
      }
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
    const look = () => { askLeft(left.dataset); showTimes(); };
    look();
    document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  }
  document.querySelectorAll("form[data-again]").forEach(sendAgain);
})();
