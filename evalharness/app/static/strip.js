// Reference pictures as a strip; each can be taken out.

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".strip");
  const items = data.pictures.map((one) => {
    const item = element("div", "item");
    const link = element("a");
    link.href = one.address;
    link.target = "_blank";
    link.rel = "noopener";
    link.append(stored(one.thumb, one.alt, "not in the store"));
    const out = element("button", "out", "×");
    out.type = "button";
    out.title = `Take out: ${one.alt}`;
    out.setAttribute("aria-label", out.title);
    out.onclick = () => setTriggerValue("dropped", { sha256: one.sha256 });
    item.append(link, out);
    return item;
  });
  const words = data.pictures.length === 1 ? "1 picture" : `${data.pictures.length} pictures`;
  const foot = element("div", "foot");
  const all = element("button", "all", "Take out all");
  all.type = "button";
  all.onclick = () => setTriggerValue("dropped", { sha256: null });
  foot.append(element("span", "", words), all);
  const box = element("div", "items");
  box.append(...items);
  root.replaceChildren(box, foot);
}
