// A table of a few columns; where rows have a difference or a share, it is drawn beside them.

function whiskerOf(one) {
  const track = element("div", "track");
  track.setAttribute("aria-hidden", "true");
  if (!one) return track;
  const reach = Math.max(Math.abs(one.low), Math.abs(one.high)) || 1;
  const at = (value) => 50 + (value / reach) * 48;
  const bar = element("i", "bar");
  bar.style.left = `${at(one.low)}%`;
  bar.style.width = `${at(one.high) - at(one.low)}%`;
  const dot = element("i", "dot");
  dot.style.left = `${at(one.value)}%`;
  track.append(element("i", "zero"), bar, dot);
  return track;
}

function shareOf(share) {
  const track = element("div", "share");
  track.setAttribute("aria-hidden", "true");
  track.style.setProperty("--share", Math.min(Math.max(share, 0), 1));
  return track;
}

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".sheet");
  const table = element("table");
  const drawn = data.rows.some((row) => row.difference !== undefined || row.share !== undefined);
  table.append(element("caption", "unseen", data.caption));
  if (data.head.some((one) => one.text)) {
    const row = element("tr");
    data.head.forEach((one, place) => {
      const cell = element(one.text ? "th" : "td", one.number ? "number" : "", one.text);
      if (one.text) cell.scope = "col";
      row.append(cell);
      if (drawn && place === 0) row.append(element("td", "drawing"));
    });
    const head = element("thead");
    head.append(row);
    table.append(head);
  }
  const body = element("tbody");
  for (const row of data.rows) {
    const made = element("tr");
    row.cells.forEach((text, place) => {
      const cell = element(place ? "td" : "th", data.head[place]?.number ? "number" : "", text);
      if (!place) cell.scope = "row";
      cell.dir = "auto";
      made.append(cell);
      if (drawn && place === 0) {
        const box = element("td", "drawing");
        if (row.difference !== undefined) box.append(whiskerOf(row.difference));
        if (row.share !== undefined) box.append(shareOf(row.share));
        made.append(box);
      }
    });
    body.append(made);
  }
  table.append(body);
  root.tabIndex = 0;
  root.setAttribute("role", "region");
  root.setAttribute("aria-label", data.caption);
  root.replaceChildren(table);
}
