// A row of answers, each a link: to itself in the gallery, or to the stored picture alone.

function answerOf(one) {
  if (one.bars) {
    const words = element("span", "words");
    words.append(likelyBars(one.bars));
    return words;
  }
  if (!one.thumb) return element("span", "words", one.words);
  return stored(one.thumb, one.label);
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".shelf");
  const items = data.items.map((one) => {
    const item = element("li");
    const link = element("a", "answer");
    link.setAttribute("aria-label", one.label);
    if (one.link) follow(link, one.link, setTriggerValue);
    else {
      link.href = one.address;
      link.target = "_blank";
      link.rel = "noopener";
    }
    link.append(answerOf(one));
    if (one.flagged) hide(link);
    const text = element("span", "text", one.text);
    text.dir = "auto";
    text.title = one.text;
    item.append(link, ...(one.pictures ?? []).map(askedPicture), text);
    if (one.note) item.append(element("span", "note", one.note));
    return item;
  });
  root.replaceChildren(...items);
}
