// From one output to those beside it: arrows for models and prompts, [ and ] for seeds, and the
// answers of all models to the same prompt.

const WAYS = [
  ["left", "←", "Previous model (←)", "ArrowLeft"],
  ["right", "→", "Next model (→)", "ArrowRight"],
  ["up", "↑", "Previous prompt (↑)", "ArrowUp"],
  ["down", "↓", "Next prompt (↓)", "ArrowDown"],
  ["before", "[", "Previous seed ([)", "["],
  ["after", "]", "Next seed (])", "]"],
];

function answerOf(tile) {
  if (tile.kind === "picture") return stored(tile.thumb, tile.alt, "gone");
  return element("span", "words", tile.kind === "text" ? tile.text : tile.status);
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".stepper");
  const go = (to) => {
    const { job, take, model, prompt } = to;
    setTriggerValue("stepped", { job, take, model, prompt });
  };
  const ways = element("div", "ways");
  for (const [way, sign, label] of WAYS) {
    const button = element("button", "way", sign);
    button.type = "button";
    button.title = label;
    button.setAttribute("aria-label", label);
    button.disabled = !data[way];
    button.onclick = () => go(data[way]);
    ways.append(button);
  }
  const strip = element("div", "strip");
  for (const tile of data.strip) {
    const button = element("button", tile.here ? "answer here" : "answer");
    button.type = "button";
    button.title = tile.model;
    button.setAttribute("aria-label", `${tile.model}’s answer to the same prompt`);
    if (tile.here) button.setAttribute("aria-current", "true");
    button.classList.toggle("flagged", tile.flagged);
    button.append(answerOf(tile));
    button.onclick = () => go(tile);
    const one = element("div", "one");
    one.append(button);
    if (tile.compare) {
      const link = follow(element("a", "inner", "compare"), tile.compare, setTriggerValue);
      link.setAttribute("aria-label", `Compare with ${tile.model}`);
      one.append(link);
    }
    strip.append(one);
  }
  root.replaceChildren(ways, strip);
  const keys = Object.fromEntries(WAYS.map(([way, , , key]) => [key, way]));
  const pressed = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const at = event.composedPath()[0];
    if (at instanceof Element && at.matches("input, textarea, select, [contenteditable]")) return;
    // a zoomed picture is moved by its arrows
    if (event.composedPath().some((one) => one.classList?.contains("zoomed"))) return;
    const to = data[keys[event.key]];
    if (!to) return;
    event.preventDefault();
    go(to);
  };
  // before the dialog around it, which keeps keys to itself
  document.addEventListener("keydown", pressed, true);
  return () => document.removeEventListener("keydown", pressed, true);
}
