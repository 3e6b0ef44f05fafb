// Prompts with both sides' answers; pressing one opens it in the viewer.

function answer(side) {
  const box = element("span", "answer");
  if (side.thumb) {
    const shown = element("span", "picture");
    shown.append(stored(side.thumb, side.alt, "not in the store"));
    if (side.flagged) hide(shown);
    box.append(shown);
  } else box.append(element("span", "words", side.text));
  box.append(element("span", "score", side.score));
  return box;
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".pairs");
  const items = data.rows.map((row) => {
    const button = element("button", "item");
    button.type = "button";
    button.title = row.text;
    button.setAttribute("aria-label", `${row.text}: ${row.difference}. Open the pair.`);
    const both = element("span", "both");
    both.append(answer(row.first), answer(row.second));
    button.append(both, element("span", "difference", row.difference));
    for (const one of row.pictures) button.append(askedPicture(one));
    button.append(element("span", "text", row.text));
    button.onclick = () => setTriggerValue("opened", { prompt: row.prompt });
    return button;
  });
  root.replaceChildren(...items);
}
