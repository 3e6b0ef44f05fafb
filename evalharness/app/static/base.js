// Put before every element's own script. Strings from the store go in as text, never as markup.

function element(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined && text !== null) made.textContent = text;
  return made;
}

// A picture that is flagged stays hidden: in a small box that leads to it for good, in a large one
// until its veil is pressed; then `asked` is called.
function hide(box, veil, asked) {
  box.classList.add("flagged");
  const made = element(veil ? "button" : "span", "veil", veil ?? "flagged");
  if (veil) {
    made.type = "button";
    made.onclick = () => {
      box.classList.remove("flagged");
      made.remove();
      asked?.();
    };
  }
  box.append(made);
}

const FLAGGED = "This picture is flagged. Show it.";

// A link to another page of the app: an address of its own for a new tab, and without a reload
// when it is pressed as usual. `target` is {page, address, parameters}, made by `links.target`.
function follow(made, target, setTriggerValue) {
  made.setAttribute("href", target.address); // an SVG link has no other way
  made.onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    setTriggerValue("followed", { page: target.page, parameters: target.parameters });
  };
  return made;
}

// A stored picture that loads when it comes near; small ones keep hard pixels, and one that is not
// there says so.
function stored(source, alt, gone = "The picture is not in the store.") {
  const picture = element("img");
  picture.loading = "lazy";
  picture.decoding = "async";
  picture.alt = alt;
  picture.onload = () => picture.classList.toggle("small", picture.naturalWidth < 160);
  picture.onerror = () => picture.replaceWith(element("span", "gone", gone));
  picture.src = source;
  return picture;
}

// A picture that was shown with a prompt, small before its words.
function askedPicture(one) {
  const picture = stored(one.thumb, one.alt);
  picture.classList.add("asked-picture");
  return picture;
}
