// Two answers to one prompt: side by side with one zoom for both, or one over the other under a
// slider. Keys: + and - zoom, 0 resets, arrows move a zoomed picture, p and n go to other prompts.

function pictureOf(side) {
  const picture = element("img");
  picture.alt = `${side.label}: picture`;
  picture.draggable = false;
  picture.onload = () => picture.classList.toggle("small", picture.naturalWidth < 256);
  picture.onerror = () =>
    picture.replaceWith(element("p", "reason", "The picture is not in the store any more."));
  picture.src = side.source;
  return picture;
}

function inside(side) {
  if (side.kind === "picture") return pictureOf(side);
  if (side.kind === "status") return element("p", "reason", side.reason);
  if (side.kind === "likely") return likelyBars(side.likely);
  const words = element("p", side.code ? "words code" : "words");
  words.dir = side.code ? "ltr" : "auto";
  words.append(...piecesOf(side.words));
  return scrolling(words, `The answer of ${side.label}`);
}

// Below an answer in words: what it was taken to say, what is left of it, how it came out.
function belowOf(side, words) {
  const parts = [];
  if (side.read) parts.push(readOf(side.read));
  if (side.rest) parts.push(restOf(side.rest, words));
  if (side.checks?.length) {
    const list = element("ul", "checks");
    list.append(...side.checks.map(checkOf));
    parts.push(list);
  }
  parts.push(...(side.runs ?? []).map(runOf));
  return parts;
}

// The question, with its pictures and what right answers are.
function askedOf(data) {
  const made = element("div", "asked");
  for (const one of data.pictures) {
    const picture = stored(one.source, one.alt);
    picture.classList.add("given");
    made.append(picture);
  }
  const told = element("div", "told");
  const text = element("p", "text", data.text);
  text.dir = "auto";
  told.append(text);
  if (data.options.length) told.append(optionsOf(data.options));
  if (data.expected) {
    const line = element("p", "expected");
    line.append(element("span", "quiet", "Expected "), element("bdi", "", data.expected));
    told.append(line);
  }
  made.append(told);
  return made;
}

function captionOf(side) {
  const caption = element("figcaption");
  caption.append(element("span", "label", side.label));
  if (side.score) caption.append(element("span", "score", side.score));
  if (side.size) caption.append(element("span", "size", side.size));
  return caption;
}

function sideBySide(data) {
  const stage = element("div", "stage beside");
  for (const side of [data.first, data.second]) {
    const figure = element("figure");
    const frame = element("div", `frame ${side.kind}`);
    const shown = inside(side);
    frame.append(shown);
    if (side.flagged) hide(frame, FLAGGED);
    figure.append(frame, captionOf(side), ...belowOf(side, shown));
    stage.append(figure);
  }
  return stage;
}

function underSlider(data) {
  const stage = element("div", "stage over");
  const frame = element("div", "frame picture");
  const lower = pictureOf(data.first);
  const upper = pictureOf(data.second);
  const cover = element("div", "cover");
  cover.append(upper);
  const edge = element("i", "edge");
  frame.append(lower, cover, edge);
  if (data.first.flagged || data.second.flagged) hide(frame, FLAGGED);
  const slider = element("input", "slider");
  slider.type = "range";
  slider.min = 0;
  slider.max = 100;
  slider.value = 50;
  slider.setAttribute("aria-label", `How much is seen of ${data.first.label}, from the left`);
  const set = () => {
    cover.style.clipPath = `inset(0 0 0 ${slider.value}%)`;
    edge.style.left = `${slider.value}%`;
  };
  slider.oninput = set;
  set();
  const captions = element("div", "captions");
  captions.append(captionOf(data.first), captionOf(data.second));
  stage.append(frame, slider, captions);
  return stage;
}

// What judges said of these two: the order that shows the left answer first stands on the left.
function judgesOf(judged) {
  const made = element("section", "judges");
  made.append(element("h4", "", "What judges said of these two"));
  for (const one of judged.judges) {
    const line = element("div", "outcome");
    line.append(element("b", "", one.verdict), element("span", "quiet", one.judge));
    const orders = element("div", "orders");
    for (const order of one.orders) {
      const box = element("div", "box");
      const shown = element("div", "outcome");
      shown.append(element("b", "", order.verdict), element("span", "quiet", order.shown));
      box.append(shown);
      if (order.problem) box.append(element("p", "problem", order.problem));
      if (order.words) {
        const words = element("p", "words", order.words);
        words.dir = "auto";
        box.append(scrolling(words, `${one.judge}, ${order.shown}`));
      }
      orders.append(box);
    }
    made.append(line, orders);
  }
  made.append(element("p", "note", judged.note));
  return made;
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".pair");
  const pictures = data.first.kind === "picture" && data.second.kind === "picture";
  const slides = data.mode === "slider" && pictures;
  const stage = slides ? underSlider(data) : sideBySide(data);
  const view = zooming(stage, () => stage.querySelectorAll(".frame img"));
  const step = (by) => setTriggerValue("moved", { by });
  const tools = element("div", "tools");
  if (data.steps) {
    tools.append(tool("‹", "Previous prompt (p)", () => step(-1)));
    tools.append(tool("›", "Next prompt (n)", () => step(1)));
  }
  if (pictures) tools.append(...zoomTools(view));
  const keys = data.steps ? { n: () => step(1), p: () => step(-1) } : {};
  root.tabIndex = 0;
  root.setAttribute("role", "group");
  const others = data.steps ? ", p and n go to other prompts" : "";
  root.setAttribute("aria-label", `${data.first.label} and ${data.second.label}; + and - zoom${others}`);
  root.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const slides = MOVES[event.key] && event.target.tagName === "INPUT";
    if (slides || zoomKey(view, event) || !keys[event.key]) return;
    keys[event.key]();
    event.preventDefault();
  };
  const judges = data.judged ? [judgesOf(data.judged)] : [];
  root.replaceChildren(askedOf(data), stage, element("p", "apart", data.apart), tools, ...judges);
}
