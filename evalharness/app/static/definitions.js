// What metrics mean: a section each, to be opened; the one that was asked for is open.

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".definitions");
  const made = data.metrics.map((metric) => {
    const box = element("details");
    box.id = metric.name;
    box.open = metric.open;
    const head = element("summary");
    const line = element("span", "line");
    line.append(element("span", "title", metric.title), element("code", "", metric.name));
    for (const mark of metric.marks) line.append(element("span", `mark ${mark.tone}`, mark.text));
    head.append(line, element("span", "measures", metric.measures));
    const list = element("dl");
    for (const [label, value] of metric.rows)
      list.append(element("dt", "", label), element("dd", "", value));
    box.append(head, list);
    return box;
  });
  root.replaceChildren(...made);
  const asked = made.find((box) => box.id === data.asked);
  if (asked) asked.scrollIntoView({ block: "center" });
}
