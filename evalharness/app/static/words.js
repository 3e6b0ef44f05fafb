// Put before the scripts of elements that show answers in words.

// Pieces of an answer, with what counts in them marked and programs coloured.
function piecesOf(pieces) {
  return pieces.map((one) => {
    const kind = { insert: "ins", delete: "del" }[one.kind];
    if (kind) {
      const made = element(kind);
      made.append(...piecesOf([{ ...one, kind: undefined }]));
      return made;
    }
    if (!one.mark) return element("span", one.token, one.text);
    const made = element("mark", one.mark, one.text);
    made.title = one.mark === "right" ? "what was looked for" : "not what was expected";
    return made;
  });
}

// A sign for how a check came out; for null that nothing was measured.
function verdict(passed) {
  const [sign, name, words] =
    passed === null ? ["–", "open", "not measured"] : passed ? ["✓", "good", "passed"] : ["✗", "bad", "failed"];
  const made = element("span", `verdict ${name}`, sign);
  made.setAttribute("role", "img");
  made.setAttribute("aria-label", words);
  return made;
}

// How likely each continuation is; the right one is marked.
function likelyBars(bars) {
  const list = element("span", "likely");
  for (const one of bars) {
    const row = element("span", one.right ? "bar right" : "bar");
    row.style.setProperty("--share", one.share);
    row.title = `ln p = ${one.log}`;
    const words = element("bdi", "", one.text);
    row.append(words, element("span", "share", one.said));
    if (one.right) row.append(verdict(true));
    list.append(row);
  }
  return list;
}

function scrolling(made, label) {
  made.tabIndex = 0;
  made.setAttribute("role", "region");
  made.setAttribute("aria-label", label);
  return made;
}

function button(text, pressed) {
  const made = element("button", "more", text);
  made.type = "button";
  made.onclick = pressed;
  return made;
}

// Choices and labels with the right one marked.
function optionsOf(options) {
  const list = element("ul", "options");
  for (const one of options) {
    const item = element("li", one.right ? "right" : "", one.text);
    if (one.right) item.append(element("span", "unseen", " (right)"));
    list.append(item);
  }
  return list;
}

// What an answer was taken to say.
function readOf(read) {
  const line = element("span", "read");
  line.append(verdict(read.right));
  if (read.text) line.append(element("span", "quiet", "read as"), element("b", "", read.text));
  else line.append(element("span", "quiet", read.right ? "right" : "not what was expected"));
  return line;
}

const STEP = 1 << 16; // bytes of the first part; every further one is four times as long

function sizeOf(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

// The rest of a long answer, a part at a time from /texts/<sha256>.
function restOf(rest, words) {
  const tail = element("div", "tail");
  const told = element("span", "", `The beginning of ${rest.characters.toLocaleString("en")} characters.`);
  const decoder = new TextDecoder();
  let at = rest.from;
  let step = STEP;
  const more = button("Show more", async () => {
    more.disabled = true;
    try {
      const answer = await fetch(rest.address, { headers: { Range: `bytes=${at}-${at + step - 1}` } });
      if (!answer.ok) throw new Error(answer.status === 404 ? "It is not in the store any more." : answer.statusText);
      const part = await answer.arrayBuffer();
      words.append(decoder.decode(part, { stream: true }));
      at += part.byteLength;
      step *= 4;
      const whole = Number(answer.headers.get("Content-Range")?.split("/")[1] ?? at);
      if (at < whole) told.textContent = `${sizeOf(at)} of ${sizeOf(whole)} are shown.`;
      else tail.replaceChildren(element("span", "", "This is all of it."));
    } catch (error) {
      told.textContent = `The rest cannot be loaded. ${error.message}`;
    } finally {
      more.disabled = false;
    }
  });
  const alone = element("a", "", "Open alone");
  alone.href = rest.address;
  alone.target = "_blank";
  alone.rel = "noopener";
  tail.append(told, more, alone);
  return tail;
}

// One check, with how an answer came out in it.
function checkOf(check) {
  const made = element("li", "check");
  const told = element("div");
  told.append(element("span", "label", check.label));
  if (check.form === "options") {
    told.append(optionsOf(check.options));
  } else if (check.form === "code") {
    const code = element("pre", "", check.text);
    told.append(scrolling(code, check.label));
  } else {
    const words = element("span", "words", check.text);
    words.dir = "auto";
    told.append(words);
  }
  made.append(check.passed === null ? element("span") : verdict(check.passed), told);
  return made;
}

// A program put to its tests.
function runOf(run) {
  const box = element("div", "box");
  const line = element("div", "outcome");
  line.append(verdict(run.passed), element("b", "", run.status), element("span", "quiet", run.seconds));
  box.append(line);
  if (run.message) {
    const message = element("p", "words code", run.message);
    box.append(message);
  }
  for (const one of run.streams) {
    const stream = element("div", "stream", one.name);
    stream.append(scrolling(element("pre", "", one.text), one.name));
    box.append(stream);
  }
  return box;
}

