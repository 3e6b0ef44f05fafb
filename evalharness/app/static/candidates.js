// Candidates: a bar of parts left and right of zero, the utility with its interval, the odds.

function position(data, value) {
  const span = data.high - data.low || 1;
  return ((value - data.low) / span) * 100;
}

function placed(name, from, to, title) {
  const made = element("i", name);
  made.style.left = `${Math.min(from, to)}%`;
  made.style.width = `${Math.abs(to - from)}%`;
  if (title) made.title = title;
  return made;
}

function bar(row, data) {
  const track = element("div", "track");
  track.setAttribute("role", "img");
  const parts = row.parts.map((part) => part.text).join(", ");
  track.setAttribute("aria-label", `Utility ${row.text}: ${parts}`);
  let right = 0;
  let left = 0;
  row.parts.forEach((part, place) => {
    const from = part.value > 0 ? right : left;
    const to = from + part.value;
    if (part.value > 0) right = to;
    else left = to;
    const made = placed("part", position(data, from), position(data, to), part.text);
    made.classList.add(`c${data.components.findIndex((one) => one.name === part.name) % 6}`);
    track.append(made);
  });
  const zero = element("i", "zero");
  zero.style.left = `${position(data, 0)}%`;
  track.append(zero);
  if (row.low !== null && row.high !== null)
    track.append(placed("reach", position(data, row.low), position(data, row.high)));
  const dot = element("i", "dot");
  dot.style.left = `${position(data, row.utility)}%`;
  track.append(dot);
  return track;
}

function rowOf(row, data, setTriggerValue) {
  const made = element("tr", row.best ? "best" : "");
  const name = element("th", "model");
  name.scope = "row";
  const title = row.link
    ? follow(element("a", "inner title", row.title), row.link, setTriggerValue)
    : element("span", "title", row.title);
  name.append(title, element("span", "subtitle", row.model), element("span", "facts", row.facts));
  const utility = element("td", "utility");
  const line = element("div", "line");
  line.append(element("span", "number", row.text));
  if (row.range) line.append(element("span", "range", row.range));
  if (row.front) {
    const front = element("span", "front", "on the front");
    front.title = "No other candidate is at least as good in everything and better in something.";
    line.append(front);
  }
  utility.append(line, bar(row, data));
  made.append(name, utility);
  if (data.odds) {
    const odds = element("td", "odds");
    const ring = element("span", "chance");
    ring.style.setProperty("--share", row.chance ?? 0);
    odds.append(element("span", "number", row.odds), ring);
    made.append(odds);
  }
  return made;
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".candidates");
  const table = element("table");
  const head = element("tr");
  const names = ["Model", "Utility", ...(data.odds ? ["Best"] : [])];
  for (const name of names) {
    const cell = element("th", "", name);
    cell.scope = "col";
    head.append(cell);
  }
  if (data.odds) head.lastChild.title = "How probable it is that this model is the best.";
  const heads = element("thead");
  heads.append(head);
  const body = element("tbody");
  for (const row of data.rows) body.append(rowOf(row, data, setTriggerValue));
  table.append(element("caption", "unseen", data.caption), heads, body);
  const legend = element("ul", "legend");
  data.components.forEach((one, place) => {
    const item = element("li");
    const by = one.by === one.name ? "" : ` by ${one.by}`;
    item.append(element("i", `swatch c${place % 6}`), `${one.name} × ${one.weight}${by}`);
    legend.append(item);
  });
  root.replaceChildren(legend, table);
}
