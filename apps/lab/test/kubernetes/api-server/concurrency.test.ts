import * as fc from "fast-check";
import { expect, test } from "vitest";

import { body, startInProcess, type InProcess } from "./in-process.ts";

const MAPS = "/api/v1/namespaces/default/configmaps";
const WRITERS = 16;
const TURNS = 8;

interface CountMap {
  readonly metadata: { readonly resourceVersion: string };
  readonly data: { readonly count: string };
}

async function read(server: InProcess, name: string): Promise<CountMap> {
  return (await server.json(`${MAPS}/${name}`)) as unknown as CountMap;
}

test("sixteen writers that read, change and write back lose nothing, and read what they wrote", async () => {
  const server = await startInProcess();
  await server.fetch(MAPS, body({ metadata: { name: "count" }, data: { count: "0" } }));
  let refused = 0;
  const work = async (): Promise<void> => {
    for (let done = 0; done < TURNS;) {
      const before = await read(server, "count");
      const data = { count: String(Number(before.data.count) + 1) };
      const response = await server.fetch(`${MAPS}/count`, { ...body({ ...before, data }), method: "PUT" });
      if (response.status === 409) {
        refused += 1;
        continue;
      }
      const written = (await response.json()) as CountMap;
      const after = await read(server, "count");
      expect(Number(after.metadata.resourceVersion)).toBeGreaterThanOrEqual(Number(written.metadata.resourceVersion));
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, work));
  expect((await read(server, "count")).data.count).toBe(String(WRITERS * TURNS));
  expect(refused).toBeGreaterThan(0);
  await server.api.close();
});

test("appliers of sixteen fields at once all keep theirs", async () => {
  const server = await startInProcess();
  const apply = async (owner: string, turn: number): Promise<number> => {
    const config = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "shared" }, data: { [owner]: String(turn) } };
    const init = { method: "PATCH", body: JSON.stringify(config), headers: { "content-type": "application/apply-patch+yaml" } };
    return (await server.fetch(`${MAPS}/shared?fieldManager=${owner}`, init)).status;
  };
  const owners = Array.from({ length: WRITERS }, (_, index) => `owner-${index}`);
  for (let turn = 0; turn < 3; turn++) {
    const statuses = await Promise.all(owners.map((owner) => apply(owner, turn)));
    expect(statuses.filter((status) => status >= 300)).toEqual([]);
  }
  const { data } = (await server.json(`${MAPS}/shared`)) as unknown as { readonly data: Readonly<Record<string, string>> };
  expect(data).toEqual(Object.fromEntries(owners.map((owner) => [owner, "2"])));
  await server.api.close();
});

interface ObjectEvent {
  readonly type: string;
  readonly object: { readonly metadata: { readonly name: string; readonly resourceVersion: string } };
}

function textOf(world: ReadonlyMap<string, string>): string {
  return [...world.keys()]
    .sort()
    .map((name) => `${name}@${world.get(name) ?? ""}`)
    .join();
}

test("a list and what its watch says since come to the same as a later list", async () => {
  const server = await startInProcess();
  const step = fc.record({ name: fc.constantFrom("a", "b", "c"), kind: fc.constantFrom("put", "put", "delete") });
  const write = async ({ name, kind }: { readonly name: string; readonly kind: string }, turn: number): Promise<void> => {
    if (kind === "delete") await server.fetch(`${MAPS}/${name}`, { method: "DELETE" });
    else {
      const created = await server.fetch(MAPS, body({ metadata: { name }, data: {} }));
      const change = { ...body({ data: { turn: String(turn) } }, "application/merge-patch+json"), method: "PATCH" };
      if (created.status === 409) await server.fetch(`${MAPS}/${name}`, change);
    }
  };
  const listed = async (): Promise<{ readonly version: string; readonly world: Map<string, string> }> => {
    const list = (await server.json(MAPS)) as unknown as {
      readonly metadata: { resourceVersion: string };
      readonly items: ObjectEvent["object"][];
    };
    return {
      version: list.metadata.resourceVersion,
      world: new Map(list.items.map(({ metadata }) => [metadata.name, metadata.resourceVersion])),
    };
  };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), fc.array(step, { minLength: 1, maxLength: 12 }), async (early, late) => {
      for (const [turn, one] of early.entries()) await write(one, turn);
      const { version, world } = await listed();
      for (const [turn, one] of late.entries()) await write(one, 100 + turn);
      const wanted = await listed();
      const response = await server.fetch(`${MAPS}?watch=1&resourceVersion=${version}`);
      const reader = response.body?.getReader();
      let seen = Number(version);
      while (seen < Number(wanted.version)) {
        const { value } = (await reader?.read()) ?? {};
        const lines = new TextDecoder().decode(value).trim().split("\n");
        for (const { type, object } of lines.map((line) => JSON.parse(line) as ObjectEvent)) {
          seen = Number(object.metadata.resourceVersion);
          if (type === "DELETED") world.delete(object.metadata.name);
          else world.set(object.metadata.name, object.metadata.resourceVersion);
        }
        if (textOf(world) === textOf(wanted.world)) break;
      }
      await reader?.cancel();
      expect(textOf(world)).toBe(textOf(wanted.world));
    }),
    { numRuns: 40 },
  );
  await server.api.close();
});
