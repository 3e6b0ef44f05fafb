// Worth against cost: a dot for every model, a step line along those that nothing beats in both,
// and names where there is room for them. Every dot is a link to its model.

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 340;
const EDGE = { left: 62, right: 14, top: 14, bottom: 46 };
const NEAR = 12;
const RINGS = [NEAR, 24, 40, 58, 80];
const LINE = 15;
const LONGEST = 34;
// Above comes first: the line leaves a dot to the side.
const AROUND = [
  [0.7, -0.7],
  [-0.7, -0.7],
  [0, -1],
  [1, 0],
  [-1, 0],
  [0.7, 0.7],
  [-0.7, 0.7],
  [0, 1],
];

function drawn(tag, attributes, name, text) {
  const made = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (name) made.setAttribute("class", name);
  if (text !== undefined) made.textContent = text;
  return made;
}

function said(value) {
  return value.toLocaleString("en", { maximumSignificantDigits: 4 });
}

// 1, 2 or 5 times a power of ten, so that about `wanted` ticks stand between the ends.
function evenTicks(low, high, wanted) {
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => size >= rough);
  const found = [];
  for (let i = Math.ceil(low / step) + 0; i * step <= high; i += 1) found.push(i * step);
  return found;
}

function decadeTicks(low, high, wanted) {
  const decades = Math.log10(high / low);
  const times = decades * 3 <= wanted ? [1, 2, 5] : [1];
  const found = [];
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power += 1)
    for (const factor of times) {
      const value = factor * 10 ** power;
      if (value >= low && value <= high) found.push(value);
    }
  return found;
}

// An axis from data to pixels, with a little room at both ends.
function axis(values, from, to, log, wanted) {
  const turned = log ? values.map(Math.log10) : values;
  let low = Math.min(...turned);
  let high = Math.max(...turned);
  const room = (high - low) * 0.06 || Math.abs(low) * 0.1 || 1;
  [low, high] = [low - room, high + room];
  const at = (value) => from + (((log ? Math.log10(value) : value) - low) / (high - low)) * (to - from);
  const ticks = log ? decadeTicks(10 ** low, 10 ** high, wanted) : evenTicks(low, high, wanted);
  return { at, ticks };
}

function apart(one, other) {
  return (
    one.right <= other.left ||
    other.right <= one.left ||
    one.bottom <= other.top ||
    other.bottom <= one.top
  );
}

// Where a name of a width may stand around its dot, the nearest place first.
function places(dot, width, rings) {
  const found = [];
  for (const far of rings)
    for (const [dx, dy] of AROUND) {
      const middle = { x: dot.x + dx * far, y: dot.y + dy * far };
      const left = dx > 0 ? middle.x : dx < 0 ? middle.x - width : middle.x - width / 2;
      const top = middle.y - LINE / 2;
      found.push({ left, right: left + width, top, bottom: top + LINE, far, end: middle });
    }
  return found;
}

function writeNames(dots, box) {
  const taken = dots.map(({ x, y }) => ({ left: x - 7, right: x + 7, top: y - 7, bottom: y + 7 }));
  for (const dot of [...dots].sort((one, other) => other.point.front - one.point.front)) {
    const title = dot.point.title;
    const text = title.length > LONGEST ? `${title.slice(0, LONGEST - 1)}…` : title;
    const name = drawn("text", {}, "name", text);
    dot.link.append(name);
    const width = name.getComputedTextLength() + 4;
    const place = places(dot, width, dot.point.front ? RINGS : [NEAR]).find(
      (one) =>
        one.left >= 0 && one.right <= box.right && one.top >= 0 && one.bottom <= box.bottom &&
        taken.every((other) => apart(one, other)),
    );
    if (!place) {
      name.remove();
      continue;
    }
    taken.push(place);
    name.setAttribute("x", place.left + 2);
    name.setAttribute("y", place.bottom - 4);
    if (place.far > NEAR) {
      const { x, y } = place.end;
      dot.link.prepend(drawn("line", { x1: dot.x, y1: dot.y, x2: x, y2: y }, "lead"));
    }
  }
}

function drawAxes(svg, data, across, up, box) {
  for (const tick of across.ticks) {
    const x = across.at(tick);
    svg.append(drawn("line", { x1: x, x2: x, y1: box.top, y2: box.bottom }, "grid"));
    svg.append(drawn("text", { x, y: box.bottom + 17, "text-anchor": "middle" }, "tick", said(tick)));
  }
  for (const tick of up.ticks) {
    const y = up.at(tick);
    svg.append(drawn("line", { x1: box.left, x2: box.right, y1: y, y2: y }, "grid"));
    svg.append(drawn("text", { x: box.left - 8, y: y + 4, "text-anchor": "end" }, "tick", said(tick)));
  }
  const middle = (box.left + box.right) / 2;
  const low = { x: middle, y: HEIGHT - 6, "text-anchor": "middle" };
  svg.append(drawn("text", low, "axis", data.cost));
}

function drawEdge(svg, dots, lowIsCheap) {
  const along = dots.filter((dot) => dot.point.front).sort((one, other) => one.x - other.x);
  const steps = along.map((dot, i) => {
    if (!i) return `M${dot.x},${dot.y}`;
    return lowIsCheap ? `H${dot.x}V${dot.y}` : `V${dot.y}H${dot.x}`;
  });
  svg.append(drawn("path", { d: steps.join("") }, "edge"));
}

function drawDot(point, x, y, up, setTriggerValue) {
  const link = follow(drawn("a", { "aria-label": point.said }, point.front ? "on" : ""), point.link, setTriggerValue);
  link.append(drawn("title", {}, "", point.said));
  if (point.low !== null && point.high !== null)
    link.append(drawn("line", { x1: x, x2: x, y1: up.at(point.low), y2: up.at(point.high) }, "interval"));
  link.append(drawn("circle", { cx: x, cy: y, r: 12 }, "reach"), drawn("circle", { cx: x, cy: y, r: 5.5 }, "dot"));
  return { point, x, y, link };
}

function draw(root, data, setTriggerValue) {
  const width = root.clientWidth;
  if (!width) return;
  const box = { left: EDGE.left, right: width - EDGE.right, top: EDGE.top, bottom: HEIGHT - EDGE.bottom };
  const svg = drawn("svg", { role: "group", "aria-label": data.alt });
  const worths = data.points.flatMap(({ low, worth, high }) => [low ?? worth, worth, high ?? worth]);
  const costs = data.points.map((point) => point.cost);
  const across = axis(costs, box.left, box.right, data.log, Math.max(2, width / 130));
  const up = axis(worths, box.bottom, box.top, false, 6);
  drawAxes(svg, data, across, up, box);
  const dots = data.points.map((point) =>
    drawDot(point, across.at(point.cost), up.at(point.worth), up, setTriggerValue),
  );
  drawEdge(svg, dots, data.lowIsCheap);
  svg.append(...dots.map((dot) => dot.link));
  root.replaceChildren(element("span", "axis above", data.worth), svg);
  writeNames(dots, box);
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".front");
  let drawnAt = 0;
  const watch = new ResizeObserver(() => {
    if (root.clientWidth === drawnAt) return;
    drawnAt = root.clientWidth;
    draw(root, data, setTriggerValue);
  });
  draw(root, data, setTriggerValue);
  drawnAt = root.clientWidth;
  watch.observe(root);
  return () => watch.disconnect();
}
