// A table of shares: each drawn as a dot with its interval on a line from 0 to 100 %, with a mark
// at the share that says nothing. Every string from the store goes in as text.

function track(cell, column) {
  const at = (share) => `${share * 100}%`;
  const made = element("span", "track");
  made.setAttribute("aria-hidden", "true");
  const line = element("i", "line");
  line.style.left = at(column.line);
  made.append(line);
  if (cell.low !== null && cell.high !== null) {
    const bar = element("i", "bar");
    bar.style.left = at(cell.low);
    bar.style.right = at(1 - cell.high);
    made.append(bar);
  }
  const dot = element("i", "dot");
  dot.style.left = at(cell.value);
  made.append(dot);
  return made;
}

function cellOf(cell, column) {
  const drawn = column.line !== undefined;
  const made = element("td", drawn ? "drawn" : "");
  made.append(element("span", `${cell.words ? "words" : "number"} ${cell.tone || ""}`, cell.text));
  if (drawn && cell.value !== null) made.append(track(cell, column));
  if (cell.note) made.append(element("span", "note", cell.note));
  return made;
}

function headOf(title, hint, name) {
  const made = element("th", name || "");
  made.scope = "col";
  made.append(element("span", "head", title));
  if (hint) made.append(element("span", "hint", hint));
  return made;
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".tally");
  const heads = element("tr");
  heads.append(headOf(data.name, "", "name"));
  for (const column of data.columns) heads.append(headOf(column.title, column.hint));
  const head = element("thead");
  head.append(heads);
  const body = element("tbody");
  for (const row of data.rows) {
    const made = element("tr");
    const name = element("th", "name");
    name.scope = "row";
    const title = element(row.link ? "a" : "span", row.link ? "inner title" : "title", row.title);
    name.append(row.link ? follow(title, row.link, setTriggerValue) : title);
    if (row.subtitle) name.append(element("span", "subtitle", row.subtitle));
    made.append(name);
    row.cells.forEach((cell, i) => made.append(cellOf(cell, data.columns[i])));
    body.append(made);
  }
  const table = element("table");
  table.append(element("caption", "unseen", data.caption), head, body);
  root.replaceChildren(table);
  // A table that scrolls sideways must be reachable by keyboard.
  const fit = () => {
    if (table.scrollWidth > root.clientWidth + 1) root.tabIndex = 0;
    else root.removeAttribute("tabindex");
  };
  const watch = new ResizeObserver(fit);
  watch.observe(root);
  return () => watch.disconnect();
}
