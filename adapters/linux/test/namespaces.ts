import { randomBytes } from "node:crypto";
import { createNamespace, deleteNamespace, namespacePath } from "../src/index.ts";

/** Namespaces of one test file, with names nobody else has; delete them all when done. */
export interface TestNamespaces {
  make(name: string): string;
  /** The full name, as `ip netns` knows it. */
  nameOf(name: string): string;
  path(name: string): string;
  drop(name: string): void;
  dropAll(): void;
}

export function testNamespaces(): TestNamespaces {
  const prefix = `s28t-${randomBytes(3).toString("hex")}`;
  const made = new Set<string>();
  const nameOf = (name: string): string => `${prefix}-${name}`;
  return {
    make(name) {
      made.add(name);
      return createNamespace(nameOf(name));
    },
    nameOf,
    path: (name) => namespacePath(nameOf(name)),
    drop(name) {
      made.delete(name);
      deleteNamespace(nameOf(name));
    },
    dropAll() {
      for (const name of made) deleteNamespace(nameOf(name));
      made.clear();
    },
  };
}
