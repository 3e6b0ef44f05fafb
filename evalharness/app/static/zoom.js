// Zoom by wheel, by two fingers and by what calls it; a zoomed picture is moved by dragging.

const FARTHEST = 12;

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

function tool(text, label, pressed) {
  const made = element("button", "tool", text);
  made.type = "button";
  made.title = label;
  made.setAttribute("aria-label", label);
  made.onclick = pressed;
  return made;
}

function zoomTools(view) {
  return [
    tool("+", "Zoom in (+)", () => view.zoom(1.5)),
    tool("−", "Zoom out (-)", () => view.zoom(1 / 1.5)),
    tool("1:1", "Whole picture (0)", view.reset),
  ];
}

const MOVES = {
  ArrowLeft: [0.1, 0],
  ArrowRight: [-0.1, 0],
  ArrowUp: [0, 0.1],
  ArrowDown: [0, -0.1],
};

// Whether a key was one of the zoom's.
function zoomKey(view, event) {
  const zooms = { "+": 1.5, "=": 1.5, "-": 1 / 1.5 };
  if (zooms[event.key]) view.zoom(zooms[event.key]);
  else if (event.key === "0") view.reset();
  else if (MOVES[event.key] && view.isZoomed()) view.move(...MOVES[event.key]);
  else return false;
  event.preventDefault();
  return true;
}

