/** The objects of one kind by id. Objects are values: a change puts a new one in the old one's place. */
export class Table<Id extends string, T extends { readonly id: Id }> {
  readonly #rows = new Map<Id, T>();
  readonly #touched: string[];

  /** `touched` gathers the ids of what changes; an id may come twice. */
  constructor(touched: string[]) {
    this.#touched = touched;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(id: Id): T | undefined {
    return this.#rows.get(id);
  }

  has(id: Id): boolean {
    return this.#rows.has(id);
  }

  values(): MapIterator<T> {
    return this.#rows.values();
  }

  /** All objects that fit. */
  where(fits: (row: T) => boolean): T[] {
    const found: T[] = [];
    for (const row of this.#rows.values()) if (fits(row)) found.push(row);
    return found;
  }

  some(fits: (row: T) => boolean): boolean {
    for (const row of this.#rows.values()) if (fits(row)) return true;
    return false;
  }

  put(row: T): T {
    this.#rows.set(row.id, row);
    this.#touched.push(row.id);
    return row;
  }

  delete(id: Id): void {
    if (this.#rows.delete(id)) this.#touched.push(id);
  }
}
