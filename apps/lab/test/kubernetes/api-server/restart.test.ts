import { createStore, type SavedStore } from "@slash28/kube-store";
import { parseIpv4, type Ipv4 } from "@slash28/address";
import { expect, test } from "vitest";

import { body, RESOURCE, startInProcess } from "./in-process.ts";

const CRD = {
  metadata: { name: "things.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { plural: "things", kind: "Thing" },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
  },
};

function address(text: string): Ipv4 {
  const parsed = parseIpv4(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}

test("a server started over what an earlier one told of each write serves the same cluster", async () => {
  const mirror = createStore();
  const objects = new Map<string, object>();
  let saved: SavedStore = mirror.save();
  const first = await startInProcess({
    advertise: { address: address("10.0.0.1"), port: 6443 },
    onWrite({ resource, version, before, after }) {
      const { namespace = "", name } = (after ?? before)?.metadata ?? { name: "" };
      const key = `${resource} ${namespace} ${name}`;
      if (after === undefined) objects.delete(key);
      else objects.set(key, { resource, after });
      const grouped: Record<string, unknown[]> = {};
      for (const one of objects.values() as Iterable<{ resource: string; after: unknown }>) (grouped[one.resource] ??= []).push(one.after);
      saved = { version, objects: grouped } as unknown as SavedStore;
    },
  });
  await first.fetch("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", body(CRD));
  await first.fetch("/apis/example.com/v1/namespaces/default/things", body({ metadata: { name: "one" } }));
  const service = { metadata: { name: "web" }, spec: { ports: [{ port: 80 }] } };
  const web = (await (await first.fetch("/api/v1/namespaces/default/services", body(service))).json()) as {
    readonly spec: { readonly clusterIP: string };
  };
  const listed = await first.api.kube.list(RESOURCE.services);
  await first.api.close();

  const second = await startInProcess({
    advertise: { address: address("10.0.0.2"), port: 7443 },
    saved: JSON.parse(JSON.stringify(saved)) as SavedStore,
  });
  expect((await second.api.kube.list(RESOURCE.services)).items).toEqual(listed.items);
  expect(await second.json("/apis/example.com/v1/namespaces/default/things/one")).toMatchObject({ kind: "Thing" });
  const taken = { metadata: { name: "again" }, spec: { clusterIP: web.spec.clusterIP, ports: [{ port: 80 }] } };
  expect((await second.fetch("/api/v1/namespaces/default/services", body(taken))).status).toBe(422);
  expect(await second.json("/api/v1/namespaces/default/endpoints/kubernetes")).toMatchObject({
    subsets: [{ addresses: [{ ip: "10.0.0.2" }], ports: [{ port: 7443 }] }],
  });
  expect(await second.json("/api/v1/configmaps?watch=1&resourceVersion=1")).toMatchObject({
    type: "ERROR",
    object: { code: 410, reason: "Expired" },
  });
  expect([...first.failures, ...second.failures]).toEqual([]);
  await second.api.close();
});
