// Comfort only: every page works without this file.
"use strict";
const arm = (root) => {
  for (const button of navigator.clipboard ? root.querySelectorAll("button[data-copy]") : []) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const label = button.textContent;
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = label; }, 1500);
    });
  }
};
arm(document);
// Clients print links of MLflow's own web UI, whose addresses are fragments: they lead to the same things here.
const home = document.querySelector("a.brand").getAttribute("href");
const place = location.hash.match(/^#\/experiments\/(\d+)(?:\/runs\/([0-9a-zA-Z]+))?/);
if (place) location.replace(home + (place[2] ? "runs/" + place[2] : "experiments/" + place[1]));
const registered = location.hash.match(/^#\/(models|prompts)(?:\/([^/?]+)(?:\/versions\/(\d+))?)?(?:\/?(?:\?.*)?)$/);
if (registered) {
  const [, kind, name, version] = registered;
  const list = kind === "prompts" ? "models?view=prompts" : "models";
  location.replace(home + (name ? "models/" + name + (version ? "/versions/" + version : "") : list));
}
// What goes on is looked at again; what was opened, scrolled to, or has the focus stays so.
const renew = async () => {
  const active = document.activeElement;
  if (document.hidden || active.matches("input, textarea, select") || !getSelection().isCollapsed) return true;
  const answer = await fetch(location.href).catch(() => null);
  if (!answer || !answer.ok) return true;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = document.querySelector("main"), fresh = page.querySelector("main");
  const pairs = (kind) => [...main.querySelectorAll(kind)].map((old, at) => [old, fresh.querySelectorAll(kind)[at]]).filter((pair) => pair[1]);
  const folds = pairs("details"), boxes = pairs(".scroll, pre");
  const focused = pairs("a, button, summary, [tabindex]").find((pair) => pair[0] === active);
  for (const [old, made] of folds) made.open = old.open;
  const scrolled = boxes.map(([old, made]) => [made, old.scrollLeft, old.scrollTop]);
  arm(fresh);
  main.replaceChildren(...fresh.childNodes);
  for (const [made, left, top] of scrolled) made.scrollTo(left, top);
  if (focused) focused[1].focus({ preventScroll: true });
  return page.body.dataset.refresh;
};
const refresh = Number(document.body.dataset.refresh);
if (refresh) {
  const timer = setInterval(async () => {
    if (!await renew()) clearInterval(timer);
  }, refresh * 1000);
}
const compare = document.querySelector("form.compare");
if (compare) {
  const button = document.querySelector("button.compare-submit");
  const update = () => {
    const chosen = compare.querySelectorAll("input[name=run]:checked").length;
    button.textContent = chosen ? `Compare ${chosen} selected` : "Compare selected";
  };
  compare.addEventListener("change", update);
  update();
}
