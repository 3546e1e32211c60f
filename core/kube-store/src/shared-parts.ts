import { isFields, type Fields } from "./fields.ts";

const TEXT_MIN = 48;
const TEXT_MAX = 8192;
const KNOWN_MAX = 2048;

/**
 * Equal parts of different objects as one part: thousands of pods of one template hold their containers, tolerations and labels once.
 * What is frozen came out of a store and may be shared; anything else belongs
 * to the caller and is copied.
 */
export class SharedParts {
  readonly #known = new Map<string, unknown>();

  /** The object, frozen, its parts shared with objects stored lately. Fields that are `undefined` are left out. */
  share<T extends Fields>(object: T): T {
    if (Object.isFrozen(object)) return object;
    return this.#shareFields(object, (part) =>
      isFields(part) ? this.#shareFields(part, (inner) => this.#one(inner)) : this.#one(part),
    ) as T;
  }

  #shareFields(fields: Fields, share: (part: unknown) => unknown): Fields {
    return Object.isFrozen(fields) ? fields : mapFields(fields, share);
  }

  #one(part: unknown): unknown {
    if (typeof part !== "object" || part === null || Object.isFrozen(part)) return part;
    // The owners of fields share what is alike in them already, and are long.
    if (Array.isArray(part) && part.some((item) => isFields(item) && "fieldsV1" in item)) return frozenCopy(part);
    const text = JSON.stringify(part);
    if (text.length < TEXT_MIN || text.length > TEXT_MAX) return frozenCopy(part);
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    // One that is new as a whole may still be made of parts that are not: a container whose volume has a name of its own.
    const share = (inner: unknown): unknown => this.#one(inner);
    const own = Array.isArray(part) ? Object.freeze(part.map(share)) : mapFields(part as Fields, share);
    // What is alike comes close together; forgetting all at once keeps this small without counting uses.
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    this.#known.set(text, own);
    return own;
  }
}

/** A copy that shares with the original only what cannot change. */
function frozenCopy(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  return Array.isArray(value) ? Object.freeze(value.map(frozenCopy)) : mapFields(value as Fields, frozenCopy);
}

function mapFields(fields: Fields, map: (part: unknown) => unknown): Fields {
  const mapped: Record<string, unknown> = {};
  for (const name of Object.keys(fields)) {
    const part = fields[name];
    if (part === undefined) continue;
    // A plain assignment to this name would set the prototype.
    if (name === "__proto__") Object.defineProperty(mapped, name, { value: map(part), enumerable: true });
    else mapped[name] = map(part);
  }
  return Object.freeze(mapped);
}
