// How far a run has come: a bar for each model, spoken when it changes.

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".stages");
  const whole = element("p", "whole", data.whole);
  whole.setAttribute("role", "status");
  const rows = data.rows.map((row) => {
    const made = element("div", "stage");
    const name = element("div", "name");
    name.append(element("span", "model", row.model), element("span", "suite", row.suite));
    const bar = element("div", "bar");
    bar.setAttribute("aria-hidden", "true");
    for (const part of row.parts) {
      const piece = element("i", part.tone);
      piece.style.width = `${part.share}%`;
      bar.append(piece);
    }
    const told = element("div", "told");
    told.append(element("span", "count", row.text), element("span", "pace", row.pace));
    const words = element("div", "words");
    for (const part of row.parts) words.append(element("span", part.tone, part.label));
    made.append(name, bar, told, words);
    return made;
  });
  root.replaceChildren(whole, ...rows);
}
