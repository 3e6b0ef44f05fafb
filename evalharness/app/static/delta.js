// Every common prompt's difference, smallest first. Dragging over it chooses a part.

const SVG = "http://www.w3.org/2000/svg";

function drawn(tag, attributes, name) {
  const made = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (name) made.setAttribute("class", name);
  return made;
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".delta");
  const n = data.bars.length;
  const top = Math.max(0, ...data.bars.map((bar) => bar.value));
  const low = Math.min(0, ...data.bars.map((bar) => bar.value));
  const height = top - low || 1;
  const svg = drawn("svg", {
    viewBox: `0 0 ${n} ${height}`,
    preserveAspectRatio: "none",
    role: "img",
    "aria-label": data.alt,
  });
  let [from, to] = data.span;
  const bars = data.bars.map((bar, place) => {
    const y = bar.value > 0 ? top - bar.value : top;
    const box = drawn(
      "rect",
      { x: place + 0.06, width: 0.88, y, height: Math.abs(bar.value) },
      bar.value > 0 === data.higher ? "second" : "first",
    );
    const reach = drawn("rect", { x: place, width: 1, y: 0, height }, "reach");
    const title = drawn("title", {});
    title.textContent = bar.title;
    reach.append(title);
    svg.append(box, reach);
    return box;
  });
  svg.append(drawn("line", { x1: 0, x2: n, y1: top, y2: top }, "zero"));
  const shade = () =>
    bars.forEach((bar, place) => {
      bar.classList.toggle("outside", place + 1 < from || place + 1 > to);
    });
  shade();
  let start = null;
  const placeOf = (event) => {
    const box = svg.getBoundingClientRect();
    const place = Math.floor(((event.clientX - box.left) / box.width) * n) + 1;
    return Math.max(1, Math.min(n, place));
  };
  svg.onpointerdown = (event) => {
    start = placeOf(event);
    svg.setPointerCapture(event.pointerId);
  };
  svg.onpointermove = (event) => {
    if (start === null) return;
    const place = placeOf(event);
    [from, to] = [Math.min(start, place), Math.max(start, place)];
    shade();
  };
  svg.onpointerup = (event) => {
    if (start === null) return;
    const place = placeOf(event);
    const chosen = place === start ? [1, n] : [Math.min(start, place), Math.max(start, place)];
    start = null;
    setTriggerValue("brushed", { from: chosen[0], to: chosen[1] });
  };
  const scale = element("div", "scale");
  scale.setAttribute("aria-hidden", "true");
  for (const tick of data.ticks) {
    const label = element("span", "", tick.text);
    label.style.top = `${((top - tick.value) / height) * 100}%`;
    scale.append(label);
  }
  root.replaceChildren(scale, svg);
}
