// The person's own copy of the photos they chose.
//
// Rules: the server gets only a name until it asks for the bytes. The copy lives in memory and in
// this browser's database, so that a reload does not lose it; without its file name; for an hour at
// most, and less when the server no longer needs it. Where a browser refuses a database (private
// windows), memory alone has to do.

const KEPT = 60 * 60 * 1000;
const NAME = "workshot";
const STORE = "photos";

const memory = new Map();

function inDatabase(mode, work) {
  return new Promise((resolve) => {
    let opening;
    try {
      opening = indexedDB.open(NAME, 1);
    } catch {
      resolve(null);
      return;
    }
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "id" });
    opening.onerror = () => resolve(null);
    opening.onblocked = () => resolve(null);
    opening.onsuccess = () => {
      const database = opening.result;
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

export async function keep(id, file) {
  // A new blob: a File would take its name along.
  const blob = new Blob([file], { type: file.type });
  memory.set(id, { blob, since: Date.now() });
  await inDatabase("readwrite", (store) => store.put({ id, blob, since: Date.now() }));
}

export async function find(id) {
  const found = memory.get(id) ?? (await inDatabase("readonly", (store) => store.get(id)));
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
  await inDatabase("readwrite", (store) => store.clear());
}

export async function dropOld() {
  const all = (await inDatabase("readonly", (store) => store.getAll())) ?? [];
  const old = all.filter(({ since }) => Date.now() - since > KEPT);
  await Promise.all(old.map(({ id }) => drop(id)));
}
