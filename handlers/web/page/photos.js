// The person's own copy of the photos they chose.
//
// Rules: the server gets only a name until it asks for the bytes. The copy lives in this tab's memory.
// So that a reload does not lose it, it also lies in this browser's database, but only encrypted, with
// a key that this tab keeps in its session storage: other tabs cannot read it, and once the tab is
// closed nothing can, unless the browser itself brings the closed tab back. What no key here opens is
// deleted when a page is loaded; everything is deleted within an hour, and as soon as the server no
// longer needs it. Where there is no encryption (plain http from another machine), no session storage
// or no database (private windows), memory alone has to do.

import { newId } from "/app/link.js";

const KEPT = 50 * 60 * 1000;
const NAME = "workshot";
const VERSION = 2;
const STORE = "photos";
const KEY = "workshot-key";

const memory = new Map();

function inDatabase(mode, work) {
  return new Promise((resolve) => {
    let opening;
    try {
      opening = indexedDB.open(NAME, VERSION);
    } catch {
      resolve(null);
      return;
    }
    opening.onupgradeneeded = () => {
      const database = opening.result;
      // The first version kept photos as they were.
      if (database.objectStoreNames.contains(STORE)) database.deleteObjectStore(STORE);
      database.createObjectStore(STORE, { keyPath: "id" });
    };
    opening.onerror = () => resolve(null);
    opening.onblocked = () => resolve(null);
    opening.onsuccess = () => {
      const database = opening.result;
      database.onversionchange = () => database.close();
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      const finish = (value) => {
        database.close();
        resolve(value);
      };
      transaction.oncomplete = () => finish(request?.result ?? null);
      transaction.onabort = () => finish(null);
    };
  });
}

// --- the key of this tab -----------------------------------------------------------------------

function storedKey() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}

function forgetKey() {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Where it cannot be removed it could not be kept either.
  }
}

/** This tab's key, made when there is none yet; throws where a browser has no such thing. */
function ensuredKey() {
  const stored = storedKey();
  if (stored) return stored;
  const made = { name: newId(), bytes: [...crypto.getRandomValues(new Uint8Array(32))] };
  sessionStorage.setItem(KEY, JSON.stringify(made));
  return made;
}

function imported({ bytes }) {
  return crypto.subtle.importKey("raw", new Uint8Array(bytes), "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** The blob as it may lie on a disk, or null where that cannot be done. */
async function seal(id, { blob, since }) {
  if (!crypto.subtle) return null;
  try {
    const key = ensuredKey();
    const nonce = crypto.getRandomValues(new Uint8Array(12));
    const how = { name: "AES-GCM", iv: nonce, additionalData: new TextEncoder().encode(id) };
    const sealed = await crypto.subtle.encrypt(how, await imported(key), await blob.arrayBuffer());
    return { id, key: key.name, nonce, sealed, type: blob.type, since };
  } catch {
    return null;
  }
}

async function unseal({ id, key, nonce, sealed, type, since }) {
  const stored = storedKey();
  if (!crypto.subtle || stored?.name !== key) return null;
  try {
    const how = { name: "AES-GCM", iv: nonce, additionalData: new TextEncoder().encode(id) };
    const opened = await crypto.subtle.decrypt(how, await imported(stored), sealed);
    return { blob: new Blob([opened], { type }), since };
  } catch {
    return null;
  }
}

// --- keeping and letting go --------------------------------------------------------------------

export async function keep(id, file) {
  // A new blob: a File would take its name along.
  const photo = { blob: new Blob([file], { type: file.type }), since: Date.now() };
  memory.set(id, photo);
  const record = await seal(id, photo);
  // It may have been dropped meanwhile.
  if (record && memory.has(id)) await inDatabase("readwrite", (store) => store.put(record));
}

async function reopened(id) {
  const record = await inDatabase("readonly", (store) => store.get(id));
  return record && unseal(record);
}

export async function find(id) {
  const found = memory.get(id) ?? (await reopened(id));
  if (!found) return null;
  if (Date.now() - found.since > KEPT) {
    await drop(id);
    return null;
  }
  memory.set(id, found);
  return found.blob;
}

export async function drop(id) {
  memory.delete(id);
  await inDatabase("readwrite", (store) => store.delete(id));
}

export async function dropAll() {
  memory.clear();
  forgetKey();
  await inDatabase("readwrite", (store) => store.clear());
}

async function dropRecords(which) {
  const all = (await inDatabase("readonly", (store) => store.getAll())) ?? [];
  await Promise.all(all.filter(which).map(({ id }) => drop(id)));
}

const isOld = ({ since }) => Date.now() - since > KEPT;

export async function dropOld() {
  for (const [id, photo] of memory) if (isOld(photo)) memory.delete(id);
  await dropRecords(isOld);
}

/** For a page that has just been loaded: nothing stays that this tab cannot open. */
export async function dropForeign() {
  await dropRecords(({ key }) => key !== storedKey()?.name);
}
