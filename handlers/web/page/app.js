// The page: what the person does goes to the link, what the server says goes to the log.
//
// Rules: a bubble appears at once and is confirmed by the stream; nothing is decided here, the page
// only shows. After an erasure nothing of the conversation stays: not on the page, not in memory, not
// in the browser's database.

import { openBooth } from "/app/booth.js";
import { Link, newId } from "/app/link.js";
import { Log, download } from "/app/log.js";
import * as photos from "/app/photos.js";
import { closeViewer, openViewer } from "/app/viewer.js";

const find = (selector) => document.querySelector(selector);
const root = find("#log");
const text = find("#text");
const notice = find("#notice");
const typing = find("#typing");
const newest = find("#newest");

let limit = Infinity;
let over = false;
let parted = false;
let bannerTimer = null;

const log = new Log(root, {
  tap,
  zoom: openViewer,
  grew: () => stick(),
  thumbnail: async (id) => {
    const blob = await photos.find(id);
    return blob && URL.createObjectURL(blob);
  },
});
const link = new Link({
  event: heard,
  connected: showConnection,
  over: () => start(),
  refused: ({ body }, sentence) => {
    log.remove(`in:${body.id}`);
    log.settle();
    tell(sentence);
  },
});

// --- staying at the end ------------------------------------------------------------------------

let atEnd = true;
let scrolledTo = 0;

/** Go to the end; a message that is taller than the window is shown from its beginning. */
function stick() {
  if (!atEnd) return;
  const page = document.documentElement;
  const head = find("header").offsetHeight + 12;
  const last = root.lastElementChild?.offsetTop ?? 0;
  scrolledTo = Math.max(0, Math.min(page.scrollHeight - innerHeight, last - head));
  scrollTo({ top: scrolledTo });
}

function arrived() {
  newest.hidden = atEnd;
  stick();
}

addEventListener("scroll", () => {
  if (Math.abs(scrollY - scrolledTo) < 2) return;
  // The person moved: follow the conversation only while they look at its end.
  scrolledTo = -2;
  atEnd = document.documentElement.scrollHeight - innerHeight - scrollY < 120;
  if (atEnd) newest.hidden = true;
});
new ResizeObserver(stick).observe(root);
newest.onclick = () => {
  atEnd = true;
  stick();
};

// --- what the server says ----------------------------------------------------------------------

function heard(event) {
  if (event.kind === "goodbye") goodbye(event);
  else if (event.kind === "parked") park();
  else if (event.kind === "ending") ending();
  else if (event.kind === "slow") slow(event.message);
  else if (!over) {
    if (event.kind === "snapshot") snapshot(event);
    if (event.kind === "entry") entry(event.entry);
    if (event.kind === "wanted") handOver(event.photo);
  }
}

function snapshot({ entries, wanted }) {
  for (const { from, at, photo } of entries) if (from === "photo" && at === "gone") photos.drop(photo);
  log.replace(entries);
  root.setAttribute("aria-busy", "false");
  wanted.forEach(handOver);
  showTyping();
  arrived();
}

function entry(shown) {
  if (shown.from === "photo" && shown.at === "gone") photos.drop(shown.photo);
  log.show(shown);
  showTyping();
  arrived();
}

async function handOver(id) {
  const blob = await photos.find(id);
  if (!blob) {
    await link.missing(id);
    return;
  }
  const sentence = await link.upload(id, blob);
  if (sentence) tell(sentence);
}

function park() {
  link.close();
  showBanner("This chat is open in several windows. Come back here to go on.");
  addEventListener("focus", () => listen(), { once: true });
}

function listen() {
  showBanner("");
  link.listen();
}

// --- what the person does ----------------------------------------------------------------------

/** Show at once what was done; the stream confirms it under the same key. */
function did(id, shown) {
  tell("");
  log.show({ key: `in:${id}`, pending: true, ...shown });
  atEnd = true;
  arrived();
  showTyping();
  return log.nodes.get(`in:${id}`);
}

function say(words) {
  const id = link.act("/chat/say", { text: words });
  return did(id, { from: "typed", text: words });
}

function tap({ verb, label }, { question }) {
  const id = link.act("/chat/reply", { verb, question });
  // The button is gone now: the focus stays in the conversation, right before what comes next.
  did(id, { from: "tapped", text: label, question }).focus({ preventScroll: true });
}

async function offer(file) {
  if (over) return;
  const named = /\.hei[cf]$/i.test(file.name ?? "");
  if (!file.type.startsWith("image/") && !named) {
    tell("This is not a photo. Please choose a picture of you.");
    return;
  }
  if (file.size > limit) {
    tell("This photo is larger than 25 MB. Please choose a smaller one.");
    return;
  }
  const photo = newId();
  await photos.keep(photo, file);
  const id = link.act("/chat/selfie", { photo, size: file.size, type: file.type.slice(0, 100) });
  did(id, { from: "photo", photo, at: "page" });
}

function submit() {
  const words = text.value.trim();
  if (!words || over) return;
  say(words);
  text.value = "";
  grow();
}

function grow() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, 160)}px`;
}

find("#composer").onsubmit = (event) => {
  event.preventDefault();
  submit();
  text.focus();
};
text.oninput = grow;
text.onkeydown = (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  submit();
};
for (const button of document.querySelectorAll("[data-say]")) {
  button.onclick = () => !over && say(button.dataset.say);
}
for (const input of [find("#file"), find("#snap")]) {
  input.onchange = () => {
    if (input.files[0]) offer(input.files[0]);
    input.value = "";
  };
}
find("#attach").onclick = () => find("#file").click();
find("#camera").onclick = () => openBooth(find("#snap"), offer);

addEventListener("paste", ({ clipboardData }) => {
  if (clipboardData?.files[0]) offer(clipboardData.files[0]);
});
const hasFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files");
addEventListener("dragover", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  find("#drop").hidden = over;
});
addEventListener("dragleave", ({ relatedTarget }) => {
  if (!relatedTarget) find("#drop").hidden = true;
});
addEventListener("drop", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  find("#drop").hidden = true;
  if (event.dataTransfer.files[0]) offer(event.dataTransfer.files[0]);
});

// --- small signs -------------------------------------------------------------------------------

function tell(sentence) {
  notice.textContent = sentence;
}

function showBanner(sentence) {
  clearTimeout(bannerTimer);
  bannerTimer = null;
  find("#banner").textContent = sentence;
}

function showConnection(connected) {
  if (connected) showBanner("");
  else bannerTimer ??= setTimeout(() => showBanner("Reconnecting…"), 1200);
}

let typingTimer = null;

/** Three dots while an answer is on its way; not for the blink of an eye, not for ever. */
function showTyping() {
  clearTimeout(typingTimer);
  typing.hidden = true;
  if (over || !log.waiting || log.entries.size === 0) return;
  typingTimer = setTimeout(() => {
    typing.hidden = false;
    stick();
    typingTimer = setTimeout(() => (typing.hidden = true), 20000);
  }, 500);
}

// --- the end, and the beginning ----------------------------------------------------------------

function clearAll() {
  over = true;
  if (find("#viewer").open) closeViewer();
  log.clear();
  link.forget();
  photos.dropAll();
  text.value = "";
  tell("");
  showTyping();
  document.body.classList.add("over");
}

function ending() {
  clearAll();
  log.show({ key: "last", from: "ours", text: "Erasing everything…", slot: true, choices: [], attachments: [] });
}

/** A word about an erasure that takes longer, or on what came of it later: said on the open page
 * only, and it ends nothing. */
function slow(message) {
  const key = parted ? "later" : over ? "last" : "slow";
  log.show({ key, from: "ours", ...message, slot: !parted, choices: [], attachments: [] });
  arrived();
}

function goodbye({ message, receipt }) {
  clearAll();
  parted = true;
  root.setAttribute("aria-busy", "false");
  log.show({ key: "last", from: "ours", ...message, slot: false, choices: [], attachments: [] });
  const actions = document.createElement("div");
  actions.className = "choices";
  if (receipt !== null) {
    const url = URL.createObjectURL(new Blob([receipt], { type: "application/json" }));
    const save = download({ url, name: "workshot-erasure-receipt.json" }, "Save receipt", "choice");
    actions.append(save);
  }
  const again = document.createElement("button");
  again.type = "button";
  again.className = "choice plain";
  again.textContent = "Start again";
  again.onclick = () => start(true);
  actions.append(again);
  const node = log.nodes.get("last");
  node.append(actions);
  node.focus();
}

async function start(fresh = false) {
  link.close();
  const wasOver = over;
  const told = await link.open(fresh);
  if (told.refused) {
    showBanner(told.refused);
    return;
  }
  limit = told.limit;
  find("#local").hidden = !told.local;
  if (told.goodbye) {
    showConnection(true);
    goodbye(told.goodbye);
    return;
  }
  if (wasOver) log.clear();
  over = parted = false;
  document.body.classList.remove("over");
  listen();
  if (fresh) text.focus();
}

photos.dropForeign();
photos.dropOld();
setInterval(photos.dropOld, 5 * 60 * 1000);
start();
