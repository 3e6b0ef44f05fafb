// The leaderboard: a real table, so that it can be read aloud, copied and walked by keyboard.
// Every string from the store goes in as text, never as markup.

function headerCell(label, active, order, clicked, setTriggerValue) {
  const cell = element("th");
  cell.scope = "col";
  const button = element("button", active ? "sort active" : "sort");
  button.type = "button";
  button.append(element("span", "name", label.title));
  if (active) {
    button.append(element("span", "arrow", order === "worst" ? "▴" : "▾"));
    cell.setAttribute("aria-sort", "other");
  }
  cell.append(button);
  if (label.hint) {
    const hint = element("span", "hint", label.hint);
    const about = follow(element("a", "about", "?"), label.about, setTriggerValue);
    about.setAttribute("aria-label", `What ${label.title} means`);
    about.title = about.getAttribute("aria-label");
    hint.append(" ", about);
    cell.append(hint);
  }
  button.title = label.help || label.title;
  button.onclick = clicked;
  return cell;
}

function whisker(cell, column) {
  const span = column.high - column.low;
  const at = (value) => `${span > 0 ? ((value - column.low) / span) * 100 : 50}%`;
  const track = element("div", "track");
  track.setAttribute("aria-hidden", "true");
  if (cell.low !== null && cell.high !== null) {
    const bar = element("i", "bar");
    bar.style.left = at(cell.low);
    bar.style.right = `calc(100% - ${at(cell.high)})`;
    track.append(bar);
  }
  const dot = element("i", "dot");
  dot.style.left = at(cell.value);
  track.append(dot);
  return track;
}

function valueCell(cell, column, chosen) {
  const made = element("td", chosen ? "value chosen" : "value");
  if (cell.value === null) {
    made.classList.add("missing");
    made.append(element("span", "number", "–"), element("span", "why", cell.reason));
    return made;
  }
  const first = element("div", "line");
  first.append(element("span", "number", cell.text));
  if (cell.spread) first.append(element("span", "spread", cell.spread));
  made.append(first, whisker(cell, column));
  const notes = element("div", "notes");
  notes.append(element("span", "n", cell.count));
  if (cell.standing) notes.append(element("span", "tie", cell.standing));
  made.append(notes);
  if (cell.warning) made.append(element("div", "why", cell.warning));
  made.title = cell.help;
  return made;
}

function modelCell(row, setTriggerValue) {
  const cell = element("th", "model");
  cell.scope = "row";
  if (row.depth) {
    cell.classList.add("tuned");
    cell.style.setProperty("--depth", row.depth);
  }
  cell.append(follow(element("a", "inner title", row.title), row.link, setTriggerValue));
  if (row.subtitle) cell.append(element("span", "subtitle", row.subtitle));
  return cell;
}

function outputsCell(row) {
  const cell = element("td", "outputs");
  const bar = element("div", "progress");
  bar.setAttribute("aria-hidden", "true");
  for (const part of row.statuses) {
    const piece = element("i", part.tone);
    piece.style.width = `${part.share}%`;
    bar.append(piece);
  }
  const words = element("div", "statuses");
  for (const part of row.statuses) {
    const word = element(part.address ? "a" : "span", part.tone, part.label);
    if (part.address) {
      word.href = part.address;
      word.title = "See them in the gallery";
    }
    words.append(word);
  }
  cell.append(element("span", "progress-text", row.progress), bar, words);
  return cell;
}

function rowOf(row, data, setTriggerValue) {
  const made = element("tr");
  made.append(element("td", "rank", row.rank), modelCell(row, setTriggerValue), outputsCell(row));
  row.cells.forEach((cell, i) => {
    made.append(valueCell(cell, data.columns[i], data.columns[i].key === data.chosen));
  });
  return made;
}

function header(data, setTriggerValue) {
  const row = element("tr");
  const rank = element("th", "rank", "Rank");
  rank.scope = "col";
  rank.title = "95 % rank interval for the chosen metric";
  const outputs = element("th", "outputs", "Outputs");
  outputs.scope = "col";
  const byName = headerCell({ title: "Model" }, data.order === "name", "best", () =>
    setTriggerValue("sorted", { by: "name" }),
  );
  byName.className = "model";
  row.append(rank, byName, outputs);
  for (const column of data.columns) {
    const active = data.order !== "name" && column.key === data.chosen;
    const sort = () => setTriggerValue("sorted", { by: "metric", metric: column.key });
    const made = headerCell(column, active, data.order, sort, setTriggerValue);
    made.classList.add("value");
    row.append(made);
  }
  const head = element("thead");
  head.append(row);
  return head;
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".board");
  const table = element("table");
  table.append(element("caption", "unseen", data.caption), header(data, setTriggerValue));
  const body = element("tbody");
  for (const row of data.rows) body.append(rowOf(row, data, setTriggerValue));
  table.append(body);
  root.replaceChildren(table);
  // a table too wide for the page scrolls in itself, with the models kept in sight
  const fit = () => root.classList.toggle("wide", table.scrollWidth > root.clientWidth + 1);
  const watch = new ResizeObserver(fit);
  watch.observe(root);
  return () => watch.disconnect();
}
