import { run } from "../run.ts";
import type { Tally } from "./tally.ts";

interface RouteItem {
  readonly dst: string;
  readonly dev?: string;
}

export interface KernelWatchOptions {
  readonly namespaces: readonly string[];
  readonly tally: Tally;
  readonly isOver: () => boolean;
  readonly sleep: (ms: number) => Promise<void>;
}

const EVERY_MS = 500;

/**
 * Looks again and again which addresses the nodes' kernels route to pods' links: an agent takes the route away before it lets an address
 * rest, so no two links ever have one address, whatever the API server says.
 */
export async function watchKernels({ namespaces, tally, isOver, sleep }: KernelWatchOptions): Promise<void> {
  const told = new Set<string>();
  while (!isOver()) {
    const links = (await Promise.all(namespaces.map(routedIn))).flat();
    for (const sentence of twoLinks(links)) {
      if (!told.has(sentence)) tally.found("doubles", sentence);
      told.add(sentence);
    }
    await sleep(EVERY_MS);
  }
}

export interface RoutedLink {
  readonly address: string;
  /** Node and link. */
  readonly link: string;
}

/** A sentence for each address that has more than one link. */
export function twoLinks(links: readonly RoutedLink[]): readonly string[] {
  const first = new Map<string, string>();
  return links.flatMap(({ address, link }) => {
    const other = first.get(address);
    if (other === undefined) first.set(address, link);
    return other === undefined ? [] : [`the kernel routes ${address} to ${other} and to ${link}`];
  });
}

async function routedIn(namespace: string): Promise<readonly RoutedLink[]> {
  const { code, stdout } = await run("ip", ["-n", namespace, "-j", "route", "show", "table", "main"]);
  if (code !== 0 || stdout === "") return [];
  return (JSON.parse(stdout) as readonly RouteItem[]).flatMap(({ dst, dev }) =>
    dev?.startsWith("eni") === true ? [{ address: dst, link: `${namespace} ${dev}` }] : [],
  );
}
