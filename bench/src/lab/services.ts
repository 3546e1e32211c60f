import { nodeTable, renderChange, renderTable, routeReader, type ServiceView } from "@slash28/lab/kube-proxy";
import { applyNftables, createNamespace, deleteNamespace } from "@slash28/linux";
import { elapsedMs, type Bench } from "../bench.ts";
import { spread } from "../figures/percentiles.ts";
import { namespaceName } from "../namespaces.ts";

const SERVICES = 1_000;
const ENDPOINTS = 10;
const CHANGES = 30;

/** One node's service rules for a large cluster: all of them at once, and one endpoint that goes or comes. */
export const services: Bench = {
  name: "services",
  about: "kube-proxy's rules of 1,000 services with 10 endpoints each",
  needs: "root",
  run({ say, undo }) {
    const name = namespaceName("services");
    undo.add(`the namespace ${name}`, () => deleteNamespace(name));
    const namespace = createNamespace(name);
    say(`writing the rules of ${SERVICES} services`);
    const all = viewOf(ENDPOINTS);
    const [first, ...others] = all.slices;
    const fewer = first === undefined ? [] : [{ ...first, endpoints: (first.endpoints ?? []).slice(1) }];
    const views = [all, { ...all, slices: [...fewer, ...others] }] as const;
    const readRoutes = routeReader({ nodeName: "n1" });
    let table = nodeTable("ip", readRoutes(views[0]));
    let text = "";
    const rendering = elapsedMs(() => (text = renderTable(table)));
    const writing = elapsedMs(() => applyNftables(text, namespace));
    const deciding: number[] = [];
    const changing: number[] = [];
    for (let turn = 1; turn <= CHANGES; turn++) {
      let change = "";
      deciding.push(
        elapsedMs(() => {
          const next = nodeTable("ip", readRoutes(views[turn % 2 === 0 ? 0 : 1]));
          change = renderChange(table, next);
          table = next;
        }),
      );
      changing.push(elapsedMs(() => applyNftables(change, namespace)));
    }
    return Promise.resolve([
      { name: "all rules, decided", value: rendering, unit: "ms", note: "as text for nft" },
      { name: "all rules, written", value: writing, unit: "ms", note: "by nft, one transaction" },
      ...spread("one endpoint changed, decided", deciding, {
        note: `${CHANGES} times, from the services and slices as a watch leaves them`,
      }),
      ...spread("one endpoint changed, written", changing, { note: "by nft, one transaction" }),
    ]);
  },
};

function viewOf(endpoints: number): ServiceView {
  const numbers = Array.from({ length: SERVICES }, (_, at) => at);
  return {
    nodeName: "n1",
    services: numbers.map((at) => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: `s${at}`, namespace: "default" },
      spec: { clusterIP: `10.100.${1 + (at >> 8)}.${at & 255}`, ports: [{ port: 80, protocol: "TCP" }] },
    })),
    slices: numbers.map((at) => ({
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: `s${at}-1`, namespace: "default", labels: { "kubernetes.io/service-name": `s${at}` } },
      addressType: "IPv4",
      ports: [{ name: "", port: 8080, protocol: "TCP" }],
      endpoints: Array.from({ length: endpoints }, (_, index) => ({
        addresses: [`10.${1 + (at >> 8)}.${at & 255}.${index + 1}`],
        conditions: { ready: true },
      })),
    })),
  };
}
