// What speaks for the answer: a reference where there is one, the best's picture, the runner-up's.

function pictureOf(one) {
  const figure = element("figure");
  const link = element("a");
  link.href = one.address;
  link.target = "_blank";
  link.rel = "noopener";
  link.append(stored(one.thumb, one.alt));
  if (one.flagged) hide(link);
  figure.append(link);
  if (one.fit) figure.append(element("figcaption", "", one.fit));
  return figure;
}

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".evidence");
  const table = element("table");
  table.style.setProperty("--columns", data.asked ? 3 : 2);
  const head = element("tr");
  const heads = [...(data.asked ? [data.asked] : []), data.best, data.other];
  for (const name of heads) {
    const cell = element("th", "", name);
    cell.scope = "col";
    head.append(cell);
  }
  const top = element("thead");
  top.append(head);
  const body = element("tbody");
  for (const row of data.rows) {
    const words = element("tr", "prompt");
    const cell = element("td", "", row.prompt);
    cell.colSpan = heads.length;
    words.append(cell);
    const made = element("tr");
    for (const one of [row.asked, row.best, row.other].filter(Boolean)) {
      const box = element("td");
      box.append(pictureOf(one));
      made.append(box);
    }
    body.append(words, made);
  }
  table.append(top, body);
  root.replaceChildren(table);
}
