import { parseIpv6 } from "@slash28/address";
import { describe, expect, test } from "vitest";
import { answerKubernetes, type DnsRecord, type KubernetesSettings } from "../src/index.ts";
import { aCluster, aService, aSlice, settings } from "./a-cluster.ts";

const http = { name: "http", port: 80, protocol: "TCP" };
const web = aService("web", {
  clusterIP: "10.100.0.5",
  clusterIPs: ["10.100.0.5", "fd00::5"],
  ports: [http, { port: 53, protocol: "UDP", name: "dns" }],
});
const db = aService("db", { clusterIP: "None", clusterIPs: ["None"], ports: [{ name: "sql", port: 5432 }] });
const dbSlice = aSlice(
  "db",
  [
    { address: "10.0.0.11", hostname: "db-0", pod: "db-0" },
    { address: "10.0.0.12", pod: "db-x7f" },
    { address: "10.0.0.13", ready: false },
  ],
  [{ name: "sql", port: 5432, protocol: "TCP" }],
);
const outside = aService("outside", { type: "ExternalName", externalName: "www.Example.com." });
const literal = aService("literal", { type: "ExternalName", externalName: "10.1.2.3" });
const empty = aService("empty", { clusterIP: "None", ports: [] });
const dns = aService("kube-dns", { clusterIP: "10.100.0.10", ports: [{ name: "dns", port: 53, protocol: "UDP" }] }, "kube-system");
const dnsSlice = aSlice("kube-dns", [{ address: "10.0.0.53" }], [{ name: "dns", port: 53, protocol: "UDP" }], "kube-system");
const cluster = aCluster(web, db, dbSlice, outside, literal, empty, dns, dnsSlice);

function text(record: DnsRecord): string {
  const head = `${record.name} ${record.ttl} ${record.type}`;
  switch (record.type) {
    case "A":
    case "AAAA":
      return `${head} ${record.address}`;
    case "SRV":
      return `${head} ${record.priority} ${record.weight} ${record.port} ${record.target}`;
    case "TXT":
      return `${head} ${record.texts.join(" ")}`;
    case "SOA":
      return `${head} ${record.mname} ${record.minimum}`;
    case "OTHER":
      return head;
    default:
      return `${head} ${record.target}`;
  }
}

/** An answer as lines: the code, answers, `;` authority, `+` additional. */
function ask(
  name: string,
  type: string,
  more: Partial<KubernetesSettings> = {},
  at = { names: cluster, ownAddresses: ["10.0.0.53"] },
): string[] {
  const outcome = answerKubernetes(settings(more), at.names, { name, type, ownAddresses: at.ownAddresses });
  if (outcome.kind === "next") return ["next"];
  if (outcome.kind === "alias") return ["alias", text(outcome.alias)];
  const { rcode, answers, authority, additional } = outcome.reply;
  return [
    rcode,
    ...answers.map(text),
    ...authority.map((record) => `; ${text(record)}`),
    ...additional.map((record) => `+ ${text(record)}`),
  ];
}

const SOA = "; cluster.local 30 SOA ns.dns.cluster.local 30";
const NO_DATA = ["NOERROR", SOA];
const NO_NAME = ["NXDOMAIN", SOA];

describe("the table of the Kubernetes DNS specification", () => {
  test.each([
    ["dns-version.cluster.local", "TXT", ["NOERROR", "dns-version.cluster.local 28800 TXT 1.1.0"]],
    ["web.shop.svc.cluster.local", "A", ["NOERROR", "web.shop.svc.cluster.local 30 A 10.100.0.5"]],
    ["web.shop.svc.cluster.local", "AAAA", ["NOERROR", "web.shop.svc.cluster.local 30 AAAA fd00::5"]],
    [
      "_http._tcp.web.shop.svc.cluster.local",
      "SRV",
      [
        "NOERROR",
        "_http._tcp.web.shop.svc.cluster.local 30 SRV 0 100 80 web.shop.svc.cluster.local",
        "+ web.shop.svc.cluster.local 30 A 10.100.0.5",
        "+ web.shop.svc.cluster.local 30 AAAA fd00::5",
      ],
    ],
    ["5.0.100.10.in-addr.arpa", "PTR", ["NOERROR", "5.0.100.10.in-addr.arpa 30 PTR web.shop.svc.cluster.local"]],
    ["db.shop.svc.cluster.local", "A", ["NOERROR", "db.shop.svc.cluster.local 30 A 10.0.0.11", "db.shop.svc.cluster.local 30 A 10.0.0.12"]],
    ["db-0.db.shop.svc.cluster.local", "A", ["NOERROR", "db-0.db.shop.svc.cluster.local 30 A 10.0.0.11"]],
    ["10-0-0-12.db.shop.svc.cluster.local", "A", ["NOERROR", "10-0-0-12.db.shop.svc.cluster.local 30 A 10.0.0.12"]],
    [
      "_sql._tcp.db.shop.svc.cluster.local",
      "SRV",
      [
        "NOERROR",
        "_sql._tcp.db.shop.svc.cluster.local 30 SRV 0 50 5432 db-0.db.shop.svc.cluster.local",
        "_sql._tcp.db.shop.svc.cluster.local 30 SRV 0 50 5432 10-0-0-12.db.shop.svc.cluster.local",
        "+ db-0.db.shop.svc.cluster.local 30 A 10.0.0.11",
        "+ 10-0-0-12.db.shop.svc.cluster.local 30 A 10.0.0.12",
      ],
    ],
    ["11.0.0.10.in-addr.arpa", "PTR", ["NOERROR", "11.0.0.10.in-addr.arpa 30 PTR db-0.db.shop.svc.cluster.local"]],
    ["outside.shop.svc.cluster.local", "A", ["alias", "outside.shop.svc.cluster.local 30 CNAME www.example.com"]],
  ])("%s %s", (name, type, wanted) => {
    expect(ask(name, type)).toEqual(wanted);
  });
});

describe("a cluster of IPv6 alone", () => {
  const web6 = aService("web", { clusterIP: "fd5f:1c53:8a00::101", clusterIPs: ["fd5f:1c53:8a00::101"], ports: [http] });
  const db6 = aService("db", { clusterIP: "None", clusterIPs: ["None"], ports: [{ name: "sql", port: 5432 }] });
  const db6Slice = aSlice(
    "db",
    [
      { address: "2001:DB8:8000:1:0::b", hostname: "db-0", pod: "db-0" },
      { address: "2001:db8:8000:1::c" },
      { address: "2001:db8:8000:1::" },
    ],
    [{ name: "sql", port: 5432, protocol: "TCP" }],
  );
  const dns6 = aService("kube-dns", { clusterIP: "fd5f:1c53:8a00::a", ports: [{ name: "dns", port: 53 }] }, "kube-system");
  const dns6Slice = aSlice("kube-dns", [{ address: "2001:db8:8000:1::53" }], [{ name: "dns", port: 53 }], "kube-system");
  const six = aCluster(web6, db6, db6Slice, dns6, dns6Slice);
  const ask6 = (name: string, type: string): string[] => ask(name, type, {}, { names: six, ownAddresses: ["2001:db8:8000:1::53"] });
  const reverse = (address: string): string => {
    const nibbles = parseIpv6(address)?.toString(16).padStart(32, "0") ?? "";
    return `${Array.from({ length: 32 }, (_, at) => nibbles[31 - at]).join(".")}.ip6.arpa`;
  };

  test.each([
    ["web.shop.svc.cluster.local", "AAAA", ["NOERROR", "web.shop.svc.cluster.local 30 AAAA fd5f:1c53:8a00::101"]],
    ["web.shop.svc.cluster.local", "A", NO_DATA],
    [
      "db.shop.svc.cluster.local",
      "AAAA",
      [
        "NOERROR",
        ...["2001:db8:8000:1::b", "2001:db8:8000:1::c", "2001:db8:8000:1::"].map((at) => `db.shop.svc.cluster.local 30 AAAA ${at}`),
      ],
    ],
    ["db-0.db.shop.svc.cluster.local", "AAAA", ["NOERROR", "db-0.db.shop.svc.cluster.local 30 AAAA 2001:db8:8000:1::b"]],
    [
      "2001-db8-8000-1--c.db.shop.svc.cluster.local",
      "AAAA",
      ["NOERROR", "2001-db8-8000-1--c.db.shop.svc.cluster.local 30 AAAA 2001:db8:8000:1::c"],
    ],
    [
      "_http._tcp.web.shop.svc.cluster.local",
      "SRV",
      [
        "NOERROR",
        "_http._tcp.web.shop.svc.cluster.local 30 SRV 0 100 80 web.shop.svc.cluster.local",
        "+ web.shop.svc.cluster.local 30 AAAA fd5f:1c53:8a00::101",
      ],
    ],
    ["ns.dns.cluster.local", "AAAA", ["NOERROR", "ns.dns.cluster.local 30 AAAA fd5f:1c53:8a00::a"]],
    [
      "2001-db8-8000-1--c.shop.pod.cluster.local",
      "AAAA",
      ["NOERROR", "2001-db8-8000-1--c.shop.pod.cluster.local 30 AAAA 2001:db8:8000:1::c"],
    ],
  ])("%s %s", (name, type, wanted) => expect(ask6(name, type)).toEqual(wanted));

  test.each([
    ["fd5f:1c53:8a00::101", "web.shop.svc.cluster.local"],
    ["fd5f:1c53:8a00::a", "kube-dns.kube-system.svc.cluster.local"],
    ["2001:db8:8000:1::b", "db-0.db.shop.svc.cluster.local"],
    ["2001:db8:8000:1::c", "2001-db8-8000-1--c.db.shop.svc.cluster.local"],
    // A label does not end with a dash (RFC 1123).
    ["2001:db8:8000:1::", "2001-db8-8000-1--0.db.shop.svc.cluster.local"],
  ])("%s is the address of %s, and its name leads back", (address, target) => {
    expect(ask6(reverse(address), "PTR")).toEqual(["NOERROR", `${reverse(address)} 30 PTR ${target}`]);
    expect(ask6(target, "AAAA")).toEqual(["NOERROR", `${target} 30 AAAA ${address}`]);
  });

  test("an address that is nobody's has no name", () => expect(ask6(reverse("fd5f:1c53:8a00::102"), "PTR")[0]).toBe("NXDOMAIN"));
});

describe("names that exist without such records, and names that do not exist", () => {
  test.each(["cluster.local", "svc.cluster.local", "shop.svc.cluster.local", "pod.cluster.local", "default.pod.cluster.local"])(
    "%s exists",
    (name) => expect(ask(name, "A")).toEqual(NO_DATA),
  );
  test.each([
    ["db.shop.svc.cluster.local", "AAAA"],
    ["web.shop.svc.cluster.local", "TXT"],
    ["dns-version.cluster.local", "A"],
    ["10-0-0-5.default.pod.cluster.local", "AAAA"],
  ])("%s has no %s", (name, type) => expect(ask(name, type)).toEqual(NO_DATA));
  test.each([
    "nothing.shop.svc.cluster.local",
    "web.nowhere.svc.cluster.local",
    "nowhere.svc.cluster.local",
    "empty.shop.svc.cluster.local",
    "10-0-0-13.db.shop.svc.cluster.local",
    "_http._udp.web.shop.svc.cluster.local",
    "_nope._tcp.web.shop.svc.cluster.local",
    "http._tcp.web.shop.svc.cluster.local",
    "a.b.c.web.shop.svc.cluster.local",
    "x.outside.shop.svc.cluster.local",
    "literal.shop.svc.cluster.local",
    "10-0-0-5.nowhere.pod.cluster.local",
    "not-an-address.default.pod.cluster.local",
    "else.cluster.local",
  ])("%s does not exist", (name) => expect(ask(name, "A")).toEqual(NO_NAME));
});

describe("pods", () => {
  test("insecure: any address of a namespace that exists", () => {
    expect(ask("10-9-8-7.default.pod.cluster.local", "A")).toEqual(["NOERROR", "10-9-8-7.default.pod.cluster.local 30 A 10.9.8.7"]);
    expect(ask("fd00--1.default.pod.cluster.local", "AAAA")).toEqual(["NOERROR", "fd00--1.default.pod.cluster.local 30 AAAA fd00::1"]);
  });
  test("verified: only a pod's address in its own namespace", () => {
    cluster.setPod("default", "web-1", "10.0.0.77");
    expect(ask("10-0-0-77.default.pod.cluster.local", "A", { pods: "verified" })[0]).toBe("NOERROR");
    expect(ask("10-0-0-77.shop.pod.cluster.local", "A", { pods: "verified" })).toEqual(NO_NAME);
    expect(ask("10-0-0-78.default.pod.cluster.local", "A", { pods: "verified" })).toEqual(NO_NAME);
    cluster.setPod("default", "web-1", undefined);
    expect(ask("10-0-0-77.default.pod.cluster.local", "A", { pods: "verified" })).toEqual(NO_NAME);
  });
  test("disabled: none", () => expect(ask("10-0-0-77.default.pod.cluster.local", "A", { pods: "disabled" })).toEqual(NO_NAME));
});

test("the zone's name server is the service that this server stands behind", () => {
  expect(ask("cluster.local", "NS")).toEqual([
    "NOERROR",
    "cluster.local 30 NS ns.dns.cluster.local",
    "+ ns.dns.cluster.local 30 A 10.100.0.10",
  ]);
  expect(ask("ns.dns.cluster.local", "A")).toEqual(["NOERROR", "ns.dns.cluster.local 30 A 10.100.0.10"]);
  expect(ask("cluster.local", "SOA")).toEqual(["NOERROR", "cluster.local 30 SOA ns.dns.cluster.local 30"]);
});

test("what does not exist goes on where the Corefile says so", () => {
  const fallthrough = ["in-addr.arpa"];
  expect(ask("1.2.3.4.in-addr.arpa", "PTR", { fallthrough })).toEqual(["next"]);
  expect(ask("4.in-addr.arpa", "PTR", { fallthrough })).toEqual(["next"]);
  expect(ask("else.cluster.local", "A", { fallthrough })).toEqual(NO_NAME);
  expect(ask("else.cluster.local", "A", { fallthrough: [] })).toEqual(["next"]);
  expect(ask("www.example.com", "A")).toEqual(["next"]);
});

test("only the named namespaces are seen, by address too", () => {
  expect(ask("web.shop.svc.cluster.local", "A", { namespaces: ["default"] })).toEqual(NO_NAME);
  expect(ask("5.0.100.10.in-addr.arpa", "PTR", { namespaces: ["default"] })[0]).toBe("NXDOMAIN");
});

test("endpoints are called by their pods where that is asked for", () => {
  expect(ask("db-x7f.db.shop.svc.cluster.local", "A", { usesPodNames: true })).toEqual([
    "NOERROR",
    "db-x7f.db.shop.svc.cluster.local 30 A 10.0.0.12",
  ]);
});

test("a service that goes, or whose endpoints do, leaves no trace", () => {
  const changing = aCluster(web, db, dbSlice);
  changing.setService("shop", "web", undefined);
  changing.setSlice("shop", "db-1", undefined);
  const at = (name: string, type: string): string => {
    const outcome = answerKubernetes(settings(), changing, { name, type, ownAddresses: [] });
    return outcome.kind === "answer" ? outcome.reply.rcode : outcome.kind;
  };
  expect(at("web.shop.svc.cluster.local", "A")).toBe("NXDOMAIN");
  expect(at("5.0.100.10.in-addr.arpa", "PTR")).toBe("NXDOMAIN");
  expect(at("db.shop.svc.cluster.local", "A")).toBe("NXDOMAIN");
  expect(at("11.0.0.10.in-addr.arpa", "PTR")).toBe("NXDOMAIN");
});
