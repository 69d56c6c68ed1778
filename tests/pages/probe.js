// What the page tests ask a page, from within it: window.probe. Each question gives a list of faults, in words for developers; none is good.
(() => {
  "use strict";
  const shown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const name = (element) => {
    const text = (element.textContent || element.value || element.name || "").trim().replace(/\s+/g, " ").slice(0, 40);
    return `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ""}${[...element.classList].map((word) => `.${word}`).join("")} "${text}"`;
  };
  const INTERACTIVE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";

  // Everything that can be folded open is: what is in it is looked at too.
  const unfold = () => document.querySelectorAll("details").forEach((each) => { each.open = true; });

  const ticked = (element) => ["radio", "checkbox"].includes(element.type);

  // The tenth line of a form is tabbed through like the second.
  const foldInner = () => document.querySelectorAll("details details").forEach((each) => { each.open = false; });

  const sideways = () => {
    const root = document.scrollingElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const wide = [...document.body.querySelectorAll("*")].filter((each) => shown(each) && each.getBoundingClientRect().right > root.clientWidth + 1);
    const inmost = wide.filter((each) => !wide.some((other) => other !== each && each.contains(other)));
    return [`${root.scrollWidth} px wide in a window of ${root.clientWidth}: ${inmost.slice(0, 6).map(name).join(", ")}`];
  };

  const smallText = () => {
    const faults = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (!walker.currentNode.data.trim() || ["SCRIPT", "STYLE", "NOSCRIPT", "OPTION"].includes(element.tagName) || !shown(element)) continue;
      if (parseFloat(getComputedStyle(element).fontSize) < 16) faults.add(`${getComputedStyle(element).fontSize}: ${name(element)}`);
    }
    for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
      if (shown(field) && !ticked(field) && parseFloat(getComputedStyle(field).fontSize) < 16) faults.add(`${getComputedStyle(field).fontSize}: ${name(field)}`);
    }
    return [...faults];
  };

  // A link that is a part of a sentence is as high as its line; whatever stands alone is to be hit with a thumb.
  const inSentence = (link) => {
    if (getComputedStyle(link).display !== "inline") return false;
    let block = link.parentElement;
    while (getComputedStyle(block).display === "inline") block = block.parentElement;
    return block.textContent.trim() !== link.textContent.trim();
  };
  const smallTargets = () => {
    const faults = [];
    for (const element of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
      if (!shown(element) || element.closest("[aria-hidden=true]") || (element.tagName === "A" && inSentence(element))) continue;
      const boxes = [element, ...(element.labels ?? [])].map((each) => each.getBoundingClientRect());
      const covers = getComputedStyle(element, "::after");
      if (covers.position === "absolute" && covers.content !== "none") boxes.push({ width: parseFloat(covers.width), height: parseFloat(covers.height) });
      const fits = (ticked(element) ? boxes : [boxes[0], ...boxes.slice(1 + (element.labels?.length ?? 0))]).some((box) => box.width >= 43.95 && box.height >= 43.95);
      if (!fits) faults.push(`${boxes[0].width.toFixed(1)} × ${boxes[0].height.toFixed(1)}: ${name(element)}`);
    }
    return faults;
  };

  // The stops of the Tab key in the order of the page; of radio buttons with one name it stops at one.
  const stops = () => {
    const seen = new Set();
    return [...document.querySelectorAll(INTERACTIVE)].filter((element) => {
      if (element.tabIndex < 0 || element.disabled || !shown(element) || (element.tagName === "SUMMARY" && element.parentElement.tagName !== "DETAILS")) return false;
      if (element.type !== "radio") return true;
      const group = [...document.getElementsByName(element.name)];
      const stop = group.find((each) => each.checked) ?? group[0];
      return element === stop && !seen.has(element.name) && seen.add(element.name);
    });
  };

  const channels = (colour) => {
    const found = colour.match(/[\d.]+/g).map(Number);
    return { rgb: found.slice(0, 3), alpha: found[3] ?? 1 };
  };
  const luminance = (rgb) => {
    const [red, green, blue] = rgb.map((each) => (each / 255 <= 0.04045 ? each / 255 / 12.92 : ((each / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const { rgb, alpha } = channels(getComputedStyle(each).backgroundColor);
      if (alpha === 1) return rgb;
    }
    return [255, 255, 255];
  };
  const rings = (element) => [undefined, "::after"].map((part) => {
    const style = getComputedStyle(element, part);
    return style.outlineStyle === "none" || (part && style.content === "none") ? null : { width: parseFloat(style.outlineWidth), colour: style.outlineColor };
  }).filter(Boolean);

  // Follows the focus from the top of the page; finish() says what was wrong with it.
  const follow = () => {
    const start = document.createElement("span");
    start.tabIndex = -1;
    document.body.prepend(start);
    start.focus();
    const expected = stops();
    const unfocused = new Map(expected.map((element) => [element, rings(element).length]));
    const walked = [];
    const look = (event) => {
      const element = event.target;
      const found = rings(element).filter((ring) => ring.width >= 2 && channels(ring.colour).alpha === 1);
      const fault = found.length <= (unfocused.get(element) ?? 0) ? "no ring" :
        found.some((ring) => contrast(channels(ring.colour).rgb, ground(element.parentElement)) >= 3) ? "" : "a ring that can't be told from its ground";
      walked.push({ element, fault });
    };
    document.addEventListener("focusin", look);
    probe.finish = () => {
      document.removeEventListener("focusin", look);
      start.remove();
      const again = walked.findIndex(({ element }, place) => walked.slice(0, place).some((other) => other.element === element));
      const round = again < 0 ? walked : walked.slice(0, again);
      const faults = round.filter(({ fault }) => fault).map(({ element, fault }) => `${fault}: ${name(element)}`);
      // What scrolls by itself is a stop too.
      const reached = round.map(({ element }) => element).filter((element) => expected.includes(element) || element.scrollWidth <= element.clientWidth);
      expected.forEach((element, place) => { if (reached[place] !== element) faults.push(`stop ${place + 1} should be ${name(element)}, is ${reached[place] ? name(reached[place]) : "none"}`); });
      if (reached.length > expected.length) faults.push(`${reached.length - expected.length} stops too many`);
      return faults.slice(0, 8);
    };
    return expected.length;
  };

  const kept = async () => [
    ...Object.keys(localStorage).map((key) => `localStorage ${key}`), ...Object.keys(sessionStorage).map((key) => `sessionStorage ${key}`),
    ...(await indexedDB.databases()).map((each) => `indexedDB ${each.name}`), ...(document.cookie ? [`cookie ${document.cookie}`] : []),
  ];

  // That a covered stop can't hide: the element that has the focus is what lies at its middle.
  const covered = () => {
    const element = document.activeElement;
    const target = ticked(element) ? element.labels[0] : element;
    const box = target.getClientRects()[0];
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 22));
    return top && (target.contains(top) || top.contains(target)) ? "" : `${name(element)} is covered by ${top ? name(top) : "the edge of the window"}`;
  };

  window.probe = { unfold, foldInner, sideways, smallText, smallTargets, follow, kept, covered };
})();
