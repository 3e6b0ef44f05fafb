// The gallery: prompts down, models across. Pictures load lazily from /thumbs/<sha256>;
// every string from the store goes in as text, never as markup.

function wordsOf(tile) {
  const words = element("span", tile.code ? "words code" : "words");
  words.dir = "auto";
  words.append(...piecesOf(tile.pieces));
  const parts = [words];
  if (tile.read) parts.push(readOf(tile.read));
  if (tile.checks.length) {
    const checks = element("span", "outcomes");
    for (const one of tile.checks) {
      const made = element("span");
      made.append(verdict(one.passed), ` ${one.label}`);
      checks.append(made);
    }
    parts.push(checks);
  }
  if (tile.more) parts.push(element("span", "size", tile.more));
  return parts;
}

function inside(tile) {
  if (tile.kind === "picture") return [stored(tile.thumb, tile.alt)];
  if (tile.kind === "text") return wordsOf(tile);
  if (tile.kind === "likely") return [likelyBars(tile.bars)];
  const label = element("span", "status", tile.status);
  return [label, element("span", "note", tile.reason)];
}

// Which tile was pressed last: the keyboard comes back to it when what it opened is closed.
let pressed = null;
let shown = false;

function outputOf(tile) {
  return [tile.job, tile.take, tile.model, tile.prompt].join(" ");
}

function comeBack(root) {
  const watch = new MutationObserver(() => {
    const open = document.querySelector("[role=dialog]") !== null;
    const closed = shown && !open;
    shown = open;
    if (!closed || pressed === null) return;
    const tiles = [...root.querySelectorAll("button.tile")];
    const tile = tiles.find((one) => one.dataset.output === pressed);
    // after the dialog has put the keyboard where it thinks best
    setTimeout(() => tile?.isConnected && tile.focus({ preventScroll: true }), 50);
  });
  watch.observe(document.body, { childList: true, subtree: true });
  return watch;
}

function tileOf(tile, setTriggerValue) {
  if (tile.kind === "none") return element("div", "tile none", tile.reason);
  const button = element("button", `tile ${tile.kind} ${tile.tone}`);
  button.type = "button";
  button.setAttribute("aria-label", tile.label);
  button.title = tile.label;
  button.append(...inside(tile));
  button.dataset.output = outputOf(tile);
  button.classList.toggle("quiet", tile.quiet);
  if (tile.flagged) {
    button.classList.add("flagged");
    button.append(element("span", "veil", "flagged: show"));
    button.setAttribute("aria-label", `A flagged picture is hidden. Show it. ${tile.label}`);
  }
  if (tile.seed) button.append(element("span", "seed", tile.seed));
  const { job, take, model, prompt } = tile;
  button.onclick = () => {
    if (!button.classList.contains("flagged")) {
      pressed = outputOf(tile);
      setTriggerValue("opened", { job, take, model, prompt });
      return;
    }
    button.classList.remove("flagged");
    button.querySelector(".veil").remove();
    button.setAttribute("aria-label", tile.label);
  };
  return button;
}

function cellOf(content, setTriggerValue) {
  const { tiles } = content;
  const cell = element("td");
  const box = element("div", tiles.length > 1 ? "tiles many" : "tiles");
  for (const tile of tiles) box.append(tileOf(tile, setTriggerValue));
  cell.append(box);
  if (content.score) {
    const score = element("span", content.best ? "score best" : "score", content.score);
    if (content.best) score.title = "The best of this prompt";
    cell.append(score);
  }
  if (content.note) cell.append(element("span", "stability", content.note));
  return cell;
}

// What right answers are, below the question.
function expectedOf(prompt) {
  const parts = [];
  if (prompt.options.length) parts.push(optionsOf(prompt.options));
  if (prompt.expected) {
    const line = element("span", "expected");
    line.append(element("span", "label", "Expected "), element("bdi", "", prompt.expected));
    parts.push(line);
  }
  if (prompt.checked) parts.push(element("span", "expected checked", `Checked: ${prompt.checked}`));
  return parts;
}

function promptCell(prompt) {
  const cell = element("th", "prompt");
  cell.scope = "row";
  if (prompt.pictures.length) {
    const pictures = element("span", "pictures");
    for (const one of prompt.pictures) pictures.append(stored(one.thumb, one.alt));
    cell.append(pictures);
  }
  const words = element("span", "text", prompt.text);
  words.title = prompt.text;
  words.dir = "auto";
  cell.append(words, ...expectedOf(prompt), element("span", "id", prompt.id));
  const tags = element("span", "tags");
  for (const tag of prompt.tags) tags.append(element("span", "tag", tag));
  cell.append(tags);
  return cell;
}

function headerOf(models) {
  const row = element("tr");
  const corner = element("th", "prompt", "Prompt");
  corner.scope = "col";
  row.append(corner);
  for (const model of models) {
    const cell = element("th");
    cell.scope = "col";
    cell.append(element("span", "title", model.title), element("span", "id", model.subtitle));
    row.append(cell);
  }
  const head = element("thead");
  head.append(row);
  return head;
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".gallery");
  const table = element("table");
  table.style.setProperty("--models", data.models.length);
  table.style.setProperty("--widest", data.widest);
  table.classList.toggle("low", data.low);
  table.append(element("caption", "unseen", data.caption), headerOf(data.models));
  const body = element("tbody");
  for (const row of data.rows) {
    const made = element("tr");
    made.append(promptCell(row.prompt));
    for (const content of row.cells) made.append(cellOf(content, setTriggerValue));
    body.append(made);
  }
  table.append(body);
  root.replaceChildren(table);
  // The page scrolls and the heads stick to its top; only a table too wide for the page gets
  // its own scroll bars.
  const fit = () => root.classList.toggle("wide", table.scrollWidth > root.clientWidth + 1);
  const watch = new ResizeObserver(fit);
  watch.observe(root);
  const back = comeBack(root);
  return () => {
    watch.disconnect();
    back.disconnect();
  };
}
