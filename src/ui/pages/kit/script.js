// Comfort only: every page works without this file.
"use strict";
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const label = button.textContent;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 1500);
  });
}
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
const refresh = Number(document.body.dataset.refresh);
if (refresh) {
  setInterval(() => {
    const typing = document.activeElement && document.activeElement.matches("input, textarea, select");
    if (!document.hidden && !typing) location.reload();
  }, refresh * 1000);
}
const compare = document.querySelector("form.compare");
if (compare) {
  const button = compare.querySelector("button.compare-submit");
  const update = () => {
    const chosen = compare.querySelectorAll("input[name=run]:checked").length;
    button.textContent = chosen ? `Compare ${chosen} selected` : "Compare selected";
  };
  compare.addEventListener("change", update);
  update();
}
