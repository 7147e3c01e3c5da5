// The line to the server: open, listen, act, hand over a photo.
//
// Rules: every action has an id of its own and is sent, in order, until the server has taken it; the
// same id counts once there, so sending again is always safe. What the page shows comes back by the
// stream; after every (re)connection a snapshot comes first.

const OURS = { "X-WorkShot": "1" };
const FIRST_WAIT = 700;
const LONGEST_WAIT = 8000;

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A new id; `randomUUID` exists only where the address counts as secure. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

async function sentenceOf(response) {
  try {
    return await response.json();
  } catch {
    return { error: "That did not work. Please try again." };
  }
}

export class Link {
  /** `on` has: event(event), connected(yes), refused(action, sentence), over(). */
  constructor(on) {
    this.on = on;
    this.tab = null;
    this.source = null;
    this.queue = [];
    this.sending = false;
    this.uploading = new Set();
  }

  /** Get or renew the cookie; keeps trying. Returns what the server tells about itself. */
  async open(fresh = false) {
    for (let pause = FIRST_WAIT; ; pause = Math.min(pause * 2, LONGEST_WAIT)) {
      try {
        const response = await this.post("/chat/open", { fresh });
        if (response.ok) return await response.json();
        if (response.status !== 503) return { refused: (await sentenceOf(response)).error };
      } catch {
        // Not reachable: the loop tries again.
      }
      this.on.connected(false);
      await wait(pause);
    }
  }

  listen() {
    this.close();
    const source = new EventSource("/chat/events");
    this.source = source;
    source.onmessage = ({ data }) => {
      if (source !== this.source) return;
      const event = JSON.parse(data);
      if (event.kind === "snapshot") this.tab = event.tab;
      this.on.connected(true);
      this.on.event(event);
    };
    source.onerror = async () => {
      if (source !== this.source) return;
      this.on.connected(false);
      if (source.readyState !== EventSource.CLOSED) return;
      await wait(FIRST_WAIT);
      if (source !== this.source) return;
      await this.open();
      if (source === this.source) this.listen();
    };
  }

  close() {
    this.source?.close();
    this.source = null;
  }

  /** Send an action; returns its id at once. */
  act(path, body) {
    const action = { path, body: { id: newId(), ...body } };
    this.queue.push(action);
    this.flush();
    return action.body.id;
  }

  forget() {
    this.queue = [];
    this.uploading.clear();
  }

  async flush() {
    if (this.sending) return;
    this.sending = true;
    let pause = FIRST_WAIT;
    while (this.queue.length > 0) {
      const action = this.queue[0];
      if (await this.deliver(action)) {
        pause = FIRST_WAIT;
        if (this.queue[0] === action) this.queue.shift();
      } else {
        this.on.connected(false);
        await wait(pause);
        pause = Math.min(pause * 2, LONGEST_WAIT);
      }
    }
    this.sending = false;
  }

  /** True when the server has taken it or will never take it. */
  async deliver(action) {
    let response;
    try {
      response = await this.post(action.path, action.body);
    } catch {
      return false;
    }
    if (response.ok) return true;
    if (response.status === 503) return false;
    const { error, over } = await sentenceOf(response);
    if (over || response.status === 401) this.on.over();
    else this.on.refused(action, error);
    return true;
  }

  post(path, body) {
    return fetch(path, {
      method: "POST",
      headers: { ...OURS, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  }

  /** Hand over a photo that the server asked for. A sentence when that can never work. */
  async upload(id, blob) {
    if (this.uploading.has(id)) return null;
    this.uploading.add(id);
    try {
      for (let attempt = 0; attempt < 3; attempt += 1) {
        try {
          const response = await fetch(`/chat/photo/${id}`, { method: "PUT", headers: OURS, body: blob });
          if (response.status === 413 || response.status === 408) {
            return (await sentenceOf(response)).error;
          }
          if (response.status === 503) {
            // Others are handing over theirs. It ends at last: with 409, once it is not wanted.
            attempt -= 1;
            await wait(1000 * (Number(response.headers.get("Retry-After")) || 2));
            continue;
          }
          if (response.ok || response.status < 500) return null;
        } catch {
          // Broken off: once more, the server still wants it.
        }
        await wait(FIRST_WAIT * (attempt + 1));
      }
      return null;
    } finally {
      this.uploading.delete(id);
    }
  }

  async missing(id) {
    try {
      await this.post("/chat/missing", { photo: id, tab: this.tab ?? "" });
    } catch {
      // The server asks again after a reconnection.
    }
  }
}
