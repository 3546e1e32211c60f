import { Buffer } from "node:buffer";

import type { KubeObject } from "@slash28/kube-store";

const texts = new WeakMap<object, Buffer>();

/** An object's JSON. Stored objects never change, so each is written out once, for every list that shows it. */
function objectBytes(object: KubeObject): Buffer {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const bytes = Buffer.from(JSON.stringify(object));
  if (Object.isFrozen(object)) texts.set(object, bytes);
  return bytes;
}

/** Lists show the latest of an object; what it was before stays for long where watches resume from, and need not keep its JSON there. */
export function forgetBytes(object: KubeObject): void {
  texts.delete(object);
}

type EventType = "ADDED" | "MODIFIED" | "DELETED";

const HEADS: Readonly<Record<EventType, Buffer>> = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
};
const TAIL = Buffer.from("}\n");

const lines: Readonly<Record<EventType, Map<object, Buffer>>> = { ADDED: new Map(), MODIFIED: new Map(), DELETED: new Map() };

/** One line of a watch; the same bytes for every watcher that a write has woken. */
export function eventBytes(type: EventType, object: KubeObject): Buffer {
  const known = lines[type].get(object);
  if (known !== undefined) return known;
  const line = Buffer.concat([HEADS[type], texts.get(object) ?? Buffer.from(JSON.stringify(object)), TAIL]);
  // What a list is followed by is written once per watcher, and not again: only changes are worth keeping, for the turn they are read in.
  if (type === "ADDED" || !Object.isFrozen(object)) return line;
  if (lines[type].size === 0) setImmediate(() => lines[type].clear());
  lines[type].set(object, line);
  return line;
}

const BATCH_BYTES = 256 * 1024;
const COMMA = Buffer.from(",");

/** A list as it is sent, some objects at a time, so that a large one is never there twice. `head` ends before the items. */
export function* listPieces(head: string, items: readonly KubeObject[], tail: string): Generator<readonly Buffer[]> {
  let batch: Buffer[] = [Buffer.from(head)];
  let size = 0;
  for (const [index, item] of items.entries()) {
    const bytes = objectBytes(item);
    if (index > 0) batch.push(COMMA);
    batch.push(bytes);
    size += bytes.length;
    if (size < BATCH_BYTES) continue;
    yield batch;
    batch = [];
    size = 0;
  }
  yield [...batch, Buffer.from(tail)];
}
