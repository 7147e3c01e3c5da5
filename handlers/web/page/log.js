// The conversation as it is drawn: one element per entry, found again by its key.
//
// Rules: text becomes nodes through textContent, never markup. An entry that did not change keeps
// its element, so a reconnection neither flickers nor is read out again. Choices disappear once they
// are answered; those of an older question stay, quieter, because the server decides what counts.

const DOUBLE_CLICK = 400;

/** `element("p.note", "text")`, `element("div", [children])` */
function element(kind, content = []) {
  const [tag, ...classes] = kind.split(".");
  const made = document.createElement(tag);
  if (classes.length > 0) made.className = classes.join(" ");
  made.append(...[content].flat());
  return made;
}

/** Paragraphs at blank lines, `**bold**`, line breaks; nothing else. */
export function paragraphs(text) {
  return text
    .split(/\n\s*\n/)
    .filter((part) => part.trim())
    .map((part) => {
      const lines = part.trim().split("\n");
      const nodes = lines.flatMap((line, index) => [
        ...(index > 0 ? [element("br")] : []),
        ...line.split(/\*\*(.+?)\*\*/).map((piece, n) => (n % 2 ? element("strong", piece) : piece)),
      ]);
      return element("p", nodes);
    });
}

const PHOTO_NOTES = {
  page: "Only in this browser so far",
  check: "Handed over to be checked",
  gone: "This page has erased its copy",
  absent: "This tab has no copy",
};

export class Log {
  /** `on` has: tap(choice, entry), zoom(attachments, index), thumbnail(photo) -> url or null. */
  constructor(root, on) {
    this.root = root;
    this.on = on;
    this.entries = new Map();
    this.nodes = new Map();
  }

  clear() {
    this.root.replaceChildren();
    this.entries.clear();
    this.nodes.clear();
  }

  /** Show exactly these entries, and after them what the server has not confirmed yet. */
  replace(entries) {
    const known = new Set(entries.map(({ key }) => key));
    const pending = [...this.entries.values()].filter((e) => e.pending && !known.has(e.key));
    const wanted = new Map([...entries, ...pending].map((entry) => [entry.key, entry]));
    for (const key of [...this.entries.keys()]) if (!wanted.has(key)) this.remove(key);
    for (const entry of wanted.values()) {
      this.put(entry);
      this.root.append(this.nodes.get(entry.key));
    }
    this.entries = new Map([...wanted.keys()].map((key) => [key, this.entries.get(key)]));
    this.settle();
  }

  show(entry) {
    this.put(entry);
    this.settle();
  }

  remove(key) {
    this.nodes.get(key)?.remove();
    this.nodes.delete(key);
    this.entries.delete(key);
  }

  put(entry) {
    const before = this.entries.get(entry.key);
    if (before && JSON.stringify(before) === JSON.stringify(entry)) return;
    this.entries.set(entry.key, entry);
    const old = this.nodes.get(entry.key);
    const node = old ?? element("article.entry");
    node.tabIndex = -1;
    node.className = `entry ${entry.from === "ours" ? "ours" : "theirs"}`;
    node.classList.toggle("pending", Boolean(entry.pending));
    if (old && entry.from === "photo" && entry.at !== "gone") {
      // The picture is drawn already; only what is said about it changes.
      node.querySelector(".note").textContent = PHOTO_NOTES[entry.at];
      return;
    }
    node.replaceChildren(...(entry.from === "ours" ? this.ours(entry) : this.theirs(entry)));
    this.nodes.set(entry.key, node);
    if (!old) this.root.append(node);
  }

  ours(entry) {
    const parts = [element("span.hidden", "WorkShot: "), element("div.bubble", paragraphs(entry.text))];
    const pictures = entry.attachments.filter(({ type }) => type.startsWith("image/"));
    const files = entry.attachments.filter(({ type }) => !type.startsWith("image/"));
    if (pictures.length > 0) parts.push(this.pictures(pictures));
    for (const file of files) parts.push(download(file, `Download ${file.name}`, "button main"));
    if (entry.choices.length > 0) parts.push(this.choices(entry));
    return parts;
  }

  pictures(pictures) {
    const tiles = pictures.map((attachment, index) => {
      const image = element("img");
      image.src = attachment.url;
      image.alt = attachment.alt;
      image.onload = () => this.on.grew?.();
      const open = element("button.open", image);
      open.type = "button";
      open.title = "Show larger";
      open.onclick = () => this.on.zoom(pictures, index);
      const tile = element("figure", open);
      image.onerror = () => tile.replaceChildren(element("p.erased", "Erased"));
      if (pictures.length > 1) {
        const save = download(attachment, "Download", "save");
        save.setAttribute("aria-label", `Download picture ${index + 1} of ${pictures.length}`);
        tile.append(element("figcaption", save));
      }
      return tile;
    });
    return element(pictures.length > 1 ? "div.pictures.several" : "div.pictures.single", tiles);
  }

  choices(entry) {
    const born = performance.now();
    const looks = entry.choices.some(({ look }) => look);
    const buttons = entry.choices.map((choice) => {
      const button = element(`button.choice.${choice.style}`, choice.look ? [swatch(choice.look)] : []);
      button.append(element("span", choice.label));
      button.type = "button";
      button.onclick = (event) => {
        // The second half of a double click must not answer a question that just appeared.
        if (event.detail > 1 || performance.now() - born < DOUBLE_CLICK) return;
        this.on.tap(choice, entry);
      };
      return button;
    });
    const group = element(buttons.length > 2 ? "div.choices.many" : "div.choices", buttons);
    group.classList.toggle("looks", looks);
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "Your answer");
    return group;
  }

  theirs(entry) {
    if (entry.from === "photo") return [element("span.hidden", "You: "), this.photo(entry)];
    const lines = entry.text.split("\n").flatMap((line, n) => (n ? [element("br"), line] : [line]));
    return [element("span.hidden", "You: "), element("div.bubble", lines)];
  }

  photo(entry) {
    const frame = element("div.thumbnail");
    const note = element("p.note", PHOTO_NOTES[entry.at]);
    const blank = () => frame.replaceChildren(element("span.blank", "Your selfie"));
    blank();
    if (entry.at !== "gone") this.draw(entry, frame, note, blank);
    return element("div.bubble.photo", [frame, note]);
  }

  async draw(entry, frame, note, blank) {
    const url = await this.on.thumbnail(entry.photo);
    if (!url) {
      note.textContent = PHOTO_NOTES.absent;
      return;
    }
    const image = element("img");
    image.alt = "Your selfie";
    image.onload = () => {
      URL.revokeObjectURL(url);
      this.on.grew?.();
    };
    image.onerror = blank;
    image.src = url;
    frame.replaceChildren(image);
  }

  /** Which choices are still open, and which message is under way: depends on what came after. */
  settle() {
    const entries = [...this.entries.values()];
    const answered = new Set();
    let newest = true;
    let last = true;
    for (const entry of entries.reverse()) {
      if (entry.from === "tapped") answered.add(entry.question);
      if (entry.from !== "ours") continue;
      const node = this.nodes.get(entry.key);
      const group = node.querySelector(".choices");
      if (group) {
        group.hidden = answered.has(entry.question);
        group.classList.toggle("quiet", !newest);
        newest = false;
      }
      node.classList.toggle("working", last && entry.slot && entry.attachments.length === 0);
      last = false;
    }
  }

  get waiting() {
    return [...this.entries.values()].at(-1)?.from !== "ours";
  }
}

function swatch(look) {
  const image = element("img");
  image.src = `/looks/${encodeURIComponent(look)}.jpg`;
  image.alt = "";
  image.onerror = () => image.replaceWith(element("span.no-swatch"));
  return image;
}

export function download({ url, name }, label, classes) {
  const link = element("a", label);
  link.className = classes;
  link.href = url;
  link.download = name;
  return link;
}
