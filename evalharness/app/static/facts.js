// Sections of label and value, every value as text.

// A browser lets only safe addresses write to its clipboard; elsewhere the text is chosen instead.
function copyOf(line, value) {
  const button = element("button", "copy", "copy");
  button.type = "button";
  button.setAttribute("aria-label", `Copy: ${line.label}`);
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(line.value);
      button.textContent = "copied";
    } catch {
      getSelection().selectAllChildren(value);
      button.textContent = "chosen: press Ctrl+C";
    }
  };
  return button;
}

function lineOf(line) {
  const made = element("div", "line");
  const value = element("dd", line.wide ? "wide" : "");
  const words = element("span", "", line.value);
  value.append(words);
  value.dir = "auto";
  if (line.note) value.append(element("span", "note", line.note));
  if (line.copies) value.append(copyOf(line, words));
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
