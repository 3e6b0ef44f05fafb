// The voting booth. The server sends a few pairs ahead and nothing that tells whose answers they
// are. What is said of a pair shows the next one at once; it is sent, numbered, until the server
// says that it is handled, so that a lost message loses no vote and a repeated one doubles none.

const WITHDRAWN = "withdrawn";
const RESEND_MS = 5000;
const ACTIONS = [
  { choice: "left", label: "Left is better", key: "←", keys: ["ArrowLeft"], kind: "side-choice" },
  { choice: "right", label: "Right is better", key: "→", keys: ["ArrowRight"], kind: "side-choice" },
  { choice: "tie", label: "Tie", key: "↓", keys: ["ArrowDown", "="], kind: "" },
  { choice: "both_bad", label: "Both are bad", key: "↑", keys: ["ArrowUp", "x", "X"], kind: "" },
  { choice: "skip", label: "Skip", key: "s", keys: ["s", "S"], kind: "quiet" },
  { choice: WITHDRAWN, label: "Undo", key: "u", keys: ["u", "U"], kind: "quiet" },
];
const SPOKEN = {
  left: "Left chosen.", right: "Right chosen.", tie: "Tie.", both_bad: "Both are bad.",
  skip: "Skipped.", withdrawn: "Taken back.",
};
// In these the keys mean something already.
const OWN_KEYS =
  "input, textarea, select, [contenteditable], [role=textbox], [role=combobox], [role=listbox], " +
  "[role=radiogroup], [role=radio], [role=slider], [role=menu], [role=tab], [role=dialog], dialog";

// What stands after everything that was said and is not handled yet.
function standing(data, pending) {
  const queue = [...data.queue];
  const done = [...data.done];
  for (const event of pending) {
    const from = event.choice === WITHDRAWN ? done : queue;
    const at = from.findIndex((pair) => pair.key === event.pair);
    if (at < 0) continue;
    const [pair] = from.splice(at, 1);
    if (event.choice === WITHDRAWN) queue.unshift(pair);
    else done.push(pair);
  }
  return { queue, done };
}

// Pictures of the pairs to come, kept so that they are shown from memory.
function preload(state, pairs) {
  for (const pair of pairs) {
    for (const answer of [pair.left, pair.right]) {
      if (answer.kind !== "picture" || state.pictures.has(answer.source)) continue;
      const picture = new Image();
      picture.src = answer.source;
      state.pictures.set(answer.source, picture);
    }
  }
}

// One picture in full; an arrow or a press changes to the other one in the same place.
function enlarge(state, answers, side) {
  const box = element("dialog", "large");
  box.setAttribute("aria-label", "One picture in full");
  const picture = element("img");
  const name = element("p");
  let at = side === "left" ? 0 : 1;
  const draw = () => {
    const shown = ["left", "right"][at];
    picture.src = answers[at].source;
    picture.alt = `${shown} picture`;
    picture.classList.toggle("hidden", Boolean(answers[at].flagged));
    name.textContent = `The ${shown} one. Press it, ← or → for the other, Esc to close.`;
  };
  const turn = () => {
    at = 1 - at;
    draw();
  };
  picture.onload = () => picture.classList.toggle("small", picture.naturalWidth < 256);
  picture.onclick = turn;
  box.onkeydown = (event) => {
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      event.preventDefault();
      turn();
    }
  };
  box.onclick = (event) => {
    if (event.target === box) box.close();
  };
  box.onclose = () => box.remove();
  const close = element("button", "quiet", "Close");
  close.type = "button";
  close.onclick = () => box.close();
  draw();
  box.append(picture, name, close);
  state.root.append(box);
  box.showModal();
}

function sideOf(answer, side, open) {
  if (answer.kind === "text") {
    const made = element("div", "side text");
    made.tabIndex = 0;
    made.setAttribute("role", "group");
    made.setAttribute("aria-label", `${side} answer`);
    const words = element("div", "words", answer.text);
    words.dir = "auto";
    made.append(words);
    return { made, ready: Promise.resolve() };
  }
  const made = element("div", "side");
  const picture = element("img");
  picture.alt = `${side} picture`;
  picture.src = answer.source;
  const look = element("button", "look");
  look.type = "button";
  look.title = "See it in full";
  look.onclick = open;
  look.append(picture);
  made.append(look);
  if (answer.flagged) hide(made, FLAGGED, () => (answer.flagged = false));
  const ready = picture.decode().then(() => {
    picture.classList.toggle("small", picture.naturalWidth < 256);
  });
  return { made, ready };
}

// Both at once or none: which came first may say whose it is.
function showPair(state, pair) {
  const sides = element("div", "sides waiting");
  const both = [pair.left, pair.right];
  const parts = ["left", "right"].map((side, at) =>
    sideOf(both[at], side, () => enlarge(state, both, side)),
  );
  sides.append(...parts.map((part) => part.made));
  state.lost = false;
  Promise.all(parts.map((part) => part.ready)).then(
    () => sides.classList.remove("waiting"),
    () => {
      sides.classList.remove("waiting");
      for (const part of parts) {
        part.made.replaceChildren(element("p", "lost", "A picture is not in the store any more."));
      }
      state.lost = true;
      state.refresh();
    },
  );
  return sides;
}

function buttonOf(action, state) {
  const made = element("button", action.kind);
  made.type = "button";
  const key = element("kbd", "", action.key);
  key.setAttribute("aria-hidden", "true");
  made.append(element("span", "", action.label), key);
  made.setAttribute("aria-keyshortcuts", action.keys[0]);
  made.onclick = () => state.say(action.choice);
  return made;
}

function words(state, done) {
  const sure = state.data.counted;
  const votes = state.pending.filter((event) => event.choice !== "skip").length;
  const parts = [`${sure.toLocaleString()} counted in this sitting`];
  if (votes) parts.push(state.data.problem ? `${votes} not counted` : `${votes} being written …`);
  return parts;
}

function problemOf(state) {
  const made = element("div", "problem");
  made.setAttribute("role", "alert");
  made.append(element("strong", "", "Not counted. "), element("span", "", state.data.problem));
  const again = element("button", "", "Try again");
  again.type = "button";
  again.onclick = () => state.send();
  made.append(again);
  return made;
}

function build(root, state) {
  const parts = {
    prompt: element("div", "prompt"),
    asked: element("div", "asked"),
    sides: element("div"),
    choices: element("div", "choices"),
    state: element("div", "state"),
    last: element("div", "last"),
    problem: element("div"),
    heard: element("div", "unseen"),
  };
  parts.prompt.dir = "auto";
  parts.heard.setAttribute("aria-live", "polite");
  state.buttons = new Map(ACTIONS.map((action) => [action.choice, buttonOf(action, state)]));
  parts.choices.append(...state.buttons.values());
  root.replaceChildren(...Object.values(parts));
  state.parts = parts;
}

function refresh(state) {
  const { queue, done } = standing(state.data, state.pending);
  const pair = queue[0];
  const { parts, buttons } = state;
  preload(state, queue.slice(0, 3));
  if ((pair ? pair.key : "") !== state.shownKey) {
    state.shownKey = pair ? pair.key : "";
    parts.prompt.textContent = pair ? pair.prompt : "";
    parts.asked.replaceChildren(...(pair?.asked ?? []).map((one) => stored(one.source, one.alt)));
    const shown = pair ? showPair(state, pair) : element("p", "over");
    parts.sides.replaceWith(shown);
    parts.sides = shown;
  }
  if (!pair) parts.sides.textContent = state.over();
  for (const [choice, button] of buttons) {
    const possible = choice === WITHDRAWN ? done.length > 0 : Boolean(pair);
    const seen = choice === "skip" || choice === WITHDRAWN || !state.lost;
    button.disabled = !(possible && seen);
    button.hidden = !pair && choice !== WITHDRAWN;
  }
  parts.state.replaceChildren(...words(state, done).map((text) => element("span", "", text)));
  parts.last.textContent = state.pending.length ? "" : state.data.last;
  parts.problem.replaceChildren(...(state.data.problem ? [problemOf(state)] : []));
}

function begin(root) {
  const state = {
    root, pending: [], number: 0, shownKey: null, lost: false, pictures: new Map(), data: null,
  };
  state.send = () => {
    state.setTriggerValue("voted", { events: state.pending });
    state.wait();
  };
  // Said again after a while: a message may be lost where a connection is.
  state.wait = () => {
    clearTimeout(state.timer);
    if (!state.pending.length || state.data.problem) return;
    state.timer = setTimeout(state.send, RESEND_MS);
  };
  state.over = () => state.pending.length || state.data.problem
    ? "The next pair is on its way …"
    : `You have seen every pair here (${state.data.left}). See what the votes say.`;
  state.refresh = () => refresh(state);
  state.say = (choice) => {
    const { queue, done } = standing(state.data, state.pending);
    const pair = choice === WITHDRAWN ? done[done.length - 1] : queue[0];
    if (!pair || state.buttons.get(choice).disabled) return;
    state.number += 1;
    state.pending.push({ number: state.number, pair: pair.key, choice });
    state.refresh();
    const next = standing(state.data, state.pending).queue[0];
    state.parts.heard.textContent = `${SPOKEN[choice]} ${next ? `Next: ${next.prompt}` : ""}`;
    state.send();
    // On a phone the choices above fill the screen until one begins to vote.
    if (root.getBoundingClientRect().bottom > innerHeight) root.scrollIntoView();
  };
  build(root, state);
  return state;
}

function listen(state) {
  const pressed = (event) => {
    if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const at = event.composedPath()[0];
    if (at instanceof Element && at.closest(OWN_KEYS)) return;
    const action = ACTIONS.find((one) => one.keys.includes(event.key));
    if (!action) return;
    event.preventDefault();
    state.say(action.choice);
  };
  document.addEventListener("keydown", pressed);
  return () => document.removeEventListener("keydown", pressed);
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".booth");
  if (!root.state) root.state = begin(root);
  const state = root.state;
  state.setTriggerValue = setTriggerValue;
  const before = state.data ? state.data.counted : data.counted;
  state.data = data;
  state.number = Math.max(state.number, data.handled);
  state.pending = state.pending.filter((event) => event.number > data.handled);
  state.refresh();
  state.wait();
  if (data.counted > before && !state.pending.length) {
    state.parts.heard.textContent += ` ${data.counted} counted.`;
  }
  if (state.stop) state.stop();
  state.stop = listen(state);
  return () => {
    clearTimeout(state.timer);
    state.stop();
  };
}
