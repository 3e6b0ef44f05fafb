// Sections of label and value, every value as text.

function lineOf(line) {
  const made = element("div", "line");
  const value = element("dd", line.wide ? "wide" : "", line.value);
  value.dir = "auto";
  if (line.note) value.append(element("span", "note", line.note));
  made.append(element("dt", "", line.label), value);
  return made;
}

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".facts");
  const sections = data.sections.map((section) => {
    const made = element("section");
    made.append(element("h3", "", section.title));
    const list = element("dl");
    for (const line of section.lines) list.append(lineOf(line));
    made.append(list);
    return made;
  });
  root.replaceChildren(...sections);
}
