// Two answers to one prompt: side by side with one zoom for both, or one over the other under a
// slider. Keys: + and - zoom, 0 resets, arrows move a zoomed picture, p and n go to other prompts.

const FARTHEST = 12;

function pictureOf(side) {
  const picture = element("img");
  picture.alt = `${side.label}: picture`;
  picture.draggable = false;
  picture.onload = () => picture.classList.toggle("small", picture.naturalWidth < 256);
  picture.onerror = () =>
    picture.replaceWith(element("p", "reason", "The picture is not in the store any more."));
  picture.src = side.source;
  return picture;
}

function inside(side) {
  if (side.kind === "picture") return pictureOf(side);
  if (side.kind === "status") return element("p", "reason", side.reason);
  const words = element("p", "words");
  for (const part of side.words) {
    const tag = { insert: "ins", delete: "del" }[part.kind] ?? "span";
    words.append(element(tag, "", part.text));
  }
  return words;
}

function captionOf(side) {
  const caption = element("figcaption");
  caption.append(element("span", "label", side.label));
  if (side.score) caption.append(element("span", "score", side.score));
  if (side.size) caption.append(element("span", "size", side.size));
  return caption;
}

function zooming(stage, targets) {
  const view = { scale: 1, x: 0, y: 0 };
  const draw = () => {
    const room = (view.scale - 1) / 2;
    view.x = Math.max(-room, Math.min(room, view.x));
    view.y = Math.max(-room, Math.min(room, view.y));
    for (const one of targets())
      one.style.transform = `translate(${view.x * 100}%, ${view.y * 100}%) scale(${view.scale})`;
    stage.classList.toggle("zoomed", view.scale > 1);
  };
  const zoom = (factor) => {
    const before = view.scale;
    view.scale = Math.max(1, Math.min(FARTHEST, view.scale * factor));
    view.x *= view.scale / before;
    view.y *= view.scale / before;
    draw();
  };
  const move = (x, y) => {
    view.x += x;
    view.y += y;
    draw();
  };
  const reset = () => {
    Object.assign(view, { scale: 1, x: 0, y: 0 });
    draw();
  };
  const held = new Map();
  stage.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && view.scale === 1 && event.deltaY > 0) return;
      event.preventDefault();
      zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15);
    },
    { passive: false },
  );
  stage.addEventListener("pointerdown", (event) => {
    if (event.target.tagName !== "IMG") return;
    held.set(event.pointerId, [event.clientX, event.clientY]);
  });
  stage.addEventListener("pointermove", (event) => {
    const before = held.get(event.pointerId);
    if (!before) return;
    const now = [event.clientX, event.clientY];
    const others = [...held].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    held.set(event.pointerId, now);
    if (others.length) {
      const apart = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) || 1;
      zoom(apart(now, others[0]) / apart(before, others[0]));
    } else if (view.scale > 1) {
      const box = event.target.getBoundingClientRect();
      const across = (now[0] - before[0]) / (box.width / view.scale);
      move(across, (now[1] - before[1]) / (box.height / view.scale));
    }
  });
  for (const ended of ["pointerup", "pointercancel", "pointerleave"])
    stage.addEventListener(ended, (event) => held.delete(event.pointerId));
  return { zoom, move, reset, isZoomed: () => view.scale > 1 };
}

function sideBySide(data) {
  const stage = element("div", "stage beside");
  for (const side of [data.first, data.second]) {
    const figure = element("figure");
    const frame = element("div", `frame ${side.kind}`);
    frame.append(inside(side));
    if (side.flagged) hide(frame, FLAGGED);
    figure.append(frame, captionOf(side));
    stage.append(figure);
  }
  return stage;
}

function underSlider(data) {
  const stage = element("div", "stage over");
  const frame = element("div", "frame picture");
  const lower = pictureOf(data.first);
  const upper = pictureOf(data.second);
  const cover = element("div", "cover");
  cover.append(upper);
  const edge = element("i", "edge");
  frame.append(lower, cover, edge);
  if (data.first.flagged || data.second.flagged) hide(frame, FLAGGED);
  const slider = element("input", "slider");
  slider.type = "range";
  slider.min = 0;
  slider.max = 100;
  slider.value = 50;
  slider.setAttribute("aria-label", `How much is seen of ${data.first.label}, from the left`);
  const set = () => {
    cover.style.clipPath = `inset(0 0 0 ${slider.value}%)`;
    edge.style.left = `${slider.value}%`;
  };
  slider.oninput = set;
  set();
  const captions = element("div", "captions");
  captions.append(captionOf(data.first), captionOf(data.second));
  stage.append(frame, slider, captions);
  return stage;
}

function button(text, label, pressed) {
  const made = element("button", "tool", text);
  made.type = "button";
  made.title = label;
  made.setAttribute("aria-label", label);
  made.onclick = pressed;
  return made;
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".pair");
  const pictures = data.first.kind === "picture" && data.second.kind === "picture";
  const slides = data.mode === "slider" && pictures;
  const stage = slides ? underSlider(data) : sideBySide(data);
  const view = zooming(stage, () => stage.querySelectorAll(".frame img"));
  const step = (by) => setTriggerValue("moved", { by });
  const tools = element("div", "tools");
  tools.append(button("‹", "Previous prompt (p)", () => step(-1)));
  tools.append(button("›", "Next prompt (n)", () => step(1)));
  if (pictures) {
    tools.append(button("+", "Zoom in (+)", () => view.zoom(1.5)));
    tools.append(button("−", "Zoom out (-)", () => view.zoom(1 / 1.5)));
    tools.append(button("1:1", "Whole picture (0)", view.reset));
  }
  const keys = {
    "+": () => view.zoom(1.5),
    "=": () => view.zoom(1.5),
    "-": () => view.zoom(1 / 1.5),
    0: view.reset,
    n: () => step(1),
    p: () => step(-1),
  };
  const arrows = {
    ArrowLeft: [0.1, 0],
    ArrowRight: [-0.1, 0],
    ArrowUp: [0, 0.1],
    ArrowDown: [0, -0.1],
  };
  root.tabIndex = 0;
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Both answers; + and - zoom, p and n go to other prompts");
  root.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = arrows[event.key];
    if (arrow && view.isZoomed() && event.target.tagName !== "INPUT") view.move(...arrow);
    else if (keys[event.key]) keys[event.key]();
    else return;
    event.preventDefault();
  };
  const text = element("p", "text", data.text);
  text.dir = "auto";
  root.replaceChildren(text, stage, tools);
}
