// A question with its pictures, an answer in words or likelihoods, and how it came out. A long
// answer is cut; what is left is fetched from /texts/<sha256> in parts when somebody asks for it.

function titled(title, name, ...children) {
  const made = element("section", name);
  made.append(element("h3", "", title), ...children);
  return made;
}

function questionOf(data) {
  const words = element("p", "words", data.question);
  words.dir = "auto";
  const made = titled("Question", "question");
  if (data.pictures.length) {
    const pictures = element("div", "pictures");
    for (const one of data.pictures) {
      const link = element("a");
      link.href = one.source;
      link.target = "_blank";
      link.rel = "noopener";
      link.append(stored(one.source, one.alt));
      pictures.append(link);
    }
    made.append(pictures);
  }
  made.append(words);
  if (data.question.length > 900) {
    made.classList.add("folded");
    const more = button("Show the whole question", () => {
      made.classList.remove("folded");
      more.remove();
    });
    made.append(more);
  }
  return made;
}

function answerOf(answer) {
  const words = element("p", answer.code ? "words code tall" : "words tall");
  words.dir = answer.code ? "ltr" : "auto";
  words.append(...piecesOf(answer.pieces));
  const box = element("div", "box");
  box.append(scrolling(words, "The answer"));
  const made = titled("Answer", "", box);
  if (answer.read) made.append(readOf(answer.read));
  if (answer.rest) made.append(restOf(answer.rest, words));
  return made;
}

function besideOf(parts) {
  const words = element("p", "words");
  words.dir = "auto";
  words.append(...piecesOf(parts));
  const box = element("div", "box");
  box.append(words);
  const note = element("p", "note", "Struck out: expected and not said. Underlined: said beyond it.");
  return titled("Held against what was expected", "", box, note);
}

function judgedOf(judged) {
  const box = element("div", "box");
  for (const one of judged) {
    const made = element("div", "judged");
    const line = element("div", "outcome");
    line.append(element("b", "", one.verdict), element("span", "quiet", `${one.instrument}, ${one.question}`));
    const said = element("p", "words", one.said);
    said.dir = "auto";
    made.append(line, said);
    box.append(made);
  }
  return titled("What judges said", "", box);
}

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".answer");
  const parts = [];
  if (data.question || data.pictures.length) parts.push(questionOf(data));
  if (data.answer) parts.push(answerOf(data.answer));
  if (data.likely.length) {
    const note = element("p", "note", "Shares of the probability of all of these together.");
    parts.push(titled("How likely each of these is", "", likelyBars(data.likely), note));
  }
  if (data.beside.length) parts.push(besideOf(data.beside));
  for (const run of data.runs)
    parts.push(titled(`Its program, run by ${run.instrument}`, "", runOf(run)));
  if (data.judged.length) parts.push(judgedOf(data.judged));
  if (data.checks.length) {
    const list = element("ul", "checks");
    list.append(...data.checks.map(checkOf));
    parts.push(titled("What is checked", "", list));
  }
  root.replaceChildren(...parts);
}
