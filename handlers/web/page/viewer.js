// A picture on its own, as large as the window allows. Arrow keys turn, Esc closes, and the focus
// returns to where it was: the dialog element does the latter two.

const viewer = document.querySelector("#viewer");
const picture = document.querySelector("#viewer-picture");
const count = document.querySelector("#viewer-count");
const save = document.querySelector("#viewer-save");
const back = document.querySelector("#viewer-back");
const next = document.querySelector("#viewer-next");

let shown = [];
let at = 0;

function show(index) {
  at = (index + shown.length) % shown.length;
  const { url, alt, name } = shown[at];
  picture.src = url;
  picture.alt = alt;
  save.href = url;
  save.download = name;
  count.textContent = shown.length > 1 ? `${at + 1} of ${shown.length}` : "";
  back.hidden = shown.length < 2;
  next.hidden = shown.length < 2;
}

/** Show one of several attachments. */
export function openViewer(attachments, index) {
  shown = attachments;
  show(index);
  viewer.showModal();
  document.querySelector("#viewer-close").focus();
}

export function closeViewer() {
  viewer.close();
}

back.onclick = () => show(at - 1);
next.onclick = () => show(at + 1);
document.querySelector("#viewer-close").onclick = closeViewer;
viewer.addEventListener("close", () => picture.removeAttribute("src"));
viewer.addEventListener("click", ({ target }) => {
  if (target === viewer || target.className === "frame") closeViewer();
});
viewer.addEventListener("keydown", ({ key }) => {
  if (shown.length < 2) return;
  if (key === "ArrowLeft") show(at - 1);
  if (key === "ArrowRight") show(at + 1);
});
