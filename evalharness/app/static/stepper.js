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

// Keys are heard by one listener for all redraws, so that none is lost between two of them: pressed
// while a step is under way, or while there is no stepper for a moment, they wait for the next one.
const PATIENCE_MS = 5000;
const steps = (window[Symbol.for("evalharness.stepper")] ??= listening());

function listening() {
  const made = { way: null, leaving: null, since: 0, waiting: [] };
  // before the dialog around it, which keeps keys to itself
  document.addEventListener("keydown", (event) => heard(event, made), true);
  return made;
}

function heard(event, found) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape") Object.assign(found, { leaving: null, since: 0, waiting: [] });
  const way = WAYS.find((one) => one[3] === event.key)?.[0];
  if (!way || !document.querySelector("[role=dialog]")) return;
  const recent = performance.now() - found.since < PATIENCE_MS;
  if (found.way === null && !recent) return;
  const at = event.composedPath()[0];
  if (at instanceof Element && at.matches("input, textarea, select, [contenteditable]")) return;
  // a zoomed picture is moved by its arrows
  if (event.composedPath().some((one) => one.classList?.contains("zoomed"))) return;
  event.preventDefault();
  if (found.way !== null && !(found.leaving !== null && recent)) found.way(way);
  else found.waiting.push({ way, at: performance.now() });
}

// From now on keys lead from the output drawn, unless it is the one that a step has just left.
function arrive(drawn, way) {
  steps.way = way;
  if (steps.leaving === drawn && performance.now() - steps.since < PATIENCE_MS) return;
  steps.leaving = null;
  const next = steps.waiting.shift();
  if (next && performance.now() - next.at < PATIENCE_MS) way(next.way);
}

function leave(way) {
  if (steps.way !== way) return;
  steps.way = null;
  if (steps.leaving === null) steps.since = performance.now();
}

function answerOf(tile) {
  if (tile.kind === "picture") return stored(tile.thumb, tile.alt, "gone");
  const words = tile.kind === "status" ? tile.status : tile.text.slice(0, 60);
  return element("span", "words", words);
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".stepper");
  const drawn = JSON.stringify(data.strip.find((tile) => tile.here));
  const go = (to) => {
    const { job, take, model, prompt } = to;
    Object.assign(steps, { leaving: drawn, since: performance.now() });
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
  const way = (name) => data[name] && go(data[name]);
  arrive(drawn, way);
  return () => leave(way);
}
