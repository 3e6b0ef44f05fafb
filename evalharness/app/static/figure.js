// One picture in full, from /pictures/<sha256>; small ones are enlarged with hard pixels.

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector("figure");
  const picture = document.createElement("img");
  picture.alt = data.alt;
  picture.width = data.width;
  picture.height = data.height;
  picture.onload = () => {
    root.classList.toggle("small", picture.naturalWidth < 256);
  };
  picture.onerror = () => {
    root.textContent = "The picture is not in the store any more.";
  };
  picture.src = data.source;
  const link = document.createElement("a");
  link.href = data.source;
  link.target = "_blank";
  link.rel = "noopener";
  link.title = "Open the stored picture by itself";
  link.append(picture);
  root.classList.remove("flagged");
  if (!data.flagged) {
    root.replaceChildren(link);
    return;
  }
  root.replaceChildren(link);
  hide(root, FLAGGED);
}
