// One picture in full, from /pictures/<sha256>, with a zoom; small ones are enlarged with hard pixels.

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector("figure");
  const picture = element("img");
  picture.alt = data.alt;
  picture.width = data.width;
  picture.height = data.height;
  picture.draggable = false;
  picture.onload = () => root.classList.toggle("small", picture.naturalWidth < 256);
  picture.onerror = () =>
    root.replaceChildren(element("p", "gone", "The picture is not in the store any more."));
  picture.src = data.source;
  const frame = element("div", "frame");
  frame.append(picture);
  root.className = "";
  const view = zooming(root, () => [picture]);
  picture.ondblclick = () => (view.isZoomed() ? view.reset() : view.zoom(3));
  const alone = element("a", "tool", "Open alone");
  alone.href = data.source;
  alone.target = "_blank";
  alone.rel = "noopener";
  alone.title = "The stored picture by itself, in a new tab";
  const tools = element("div", "tools");
  tools.append(...zoomTools(view), alone);
  root.tabIndex = 0;
  root.setAttribute("aria-label", "The picture; + and - zoom, 0 shows it whole, arrows move it");
  root.onkeydown = (event) => {
    if (!(event.ctrlKey || event.metaKey || event.altKey)) zoomKey(view, event);
  };
  root.replaceChildren(frame, tools);
  if (!data.flagged) return;
  tools.hidden = true;
  hide(frame, FLAGGED, () => (tools.hidden = false));
}
