import { at, listOf, textOf, type KubeObject } from "@slash28/kube-store";

import { ageOf, count, firstFew, labelsText, NONE } from "./cell-text.ts";
import { column, wide, type TableView } from "./table.ts";

const NAME = column("Name", "Name must be unique within a namespace.");
const AGE = column("Age", "Time since the object was created.");

export const serviceTable: TableView = {
  columns: [
    NAME,
    column("Type", "How the service is exposed."),
    column("Cluster-IP", "The service's address inside the cluster."),
    column("External-IP", "Addresses outside the cluster."),
    column("Port(s)", "Ports the service listens on."),
    AGE,
    wide("Selector", "Labels of the pods behind the service."),
  ],
  cells: (service, now) => [
    service.metadata.name,
    textOf(at(service, "spec", "type")) ?? "ClusterIP",
    textOf(at(service, "spec", "clusterIP")) || NONE,
    externalOf(service),
    portsOf(service),
    ageOf(service, now),
    labelsText(at(service, "spec", "selector")),
  ],
};

function externalOf(service: KubeObject): string {
  const given = listOf(at(service, "spec", "externalIPs")).map(String);
  switch (at(service, "spec", "type")) {
    case "ExternalName":
      return textOf(at(service, "spec", "externalName")) ?? NONE;
    case "LoadBalancer": {
      const ingress = listOf(at(service, "status", "loadBalancer", "ingress")).map(
        (one) => textOf(at(one, "ip")) || textOf(at(one, "hostname")) || "",
      );
      const all = [...ingress.filter((one) => one !== ""), ...given];
      return all.length === 0 ? "<pending>" : all.join(",");
    }
    default:
      return given.length === 0 ? NONE : given.join(",");
  }
}

function portsOf(service: KubeObject): string {
  const ports = listOf(at(service, "spec", "ports")).map((port) => {
    const nodePort = Number(at(port, "nodePort") ?? 0);
    return `${String(at(port, "port"))}${nodePort > 0 ? `:${nodePort}` : ""}/${textOf(at(port, "protocol")) ?? "TCP"}`;
  });
  return ports.length === 0 ? NONE : ports.join(",");
}

const SHOWN_ENDPOINTS = 3;

export const endpointsTable: TableView = {
  columns: [NAME, column("Endpoints", "Addresses and ports behind the service."), AGE],
  cells: (endpoints, now) => {
    const pairs = listOf(endpoints["subsets"]).flatMap((subset) => {
      const addresses = listOf(at(subset, "addresses")).map((address) => textOf(at(address, "ip")) ?? "");
      const ports = listOf(at(subset, "ports")).map((port) => String(at(port, "port")));
      if (ports.length === 0) return addresses;
      return ports.flatMap((port) => addresses.map((address) => `${address.includes(":") ? `[${address}]` : address}:${port}`));
    });
    return [endpoints.metadata.name, firstFew(pairs, SHOWN_ENDPOINTS), ageOf(endpoints, now)];
  },
};

export const endpointSliceTable: TableView = {
  columns: [
    NAME,
    column("AddressType", "Type of the addresses."),
    column("Ports", "Ports of the endpoints."),
    column("Endpoints", "Addresses."),
    AGE,
  ],
  cells: (slice, now) => {
    const ports = listOf(slice["ports"]).map((port) => `${count(at(port, "port")) || "*"}`);
    const addresses = listOf(slice["endpoints"]).flatMap((endpoint) => listOf(at(endpoint, "addresses")).map(String));
    const shown = firstFew(ports, SHOWN_ENDPOINTS);
    return [
      slice.metadata.name,
      slice["addressType"],
      shown === NONE ? "<unset>" : shown,
      addresses.length === 0 ? "<unset>" : firstFew(addresses, SHOWN_ENDPOINTS),
      ageOf(slice, now),
    ];
  },
};

export const ingressTable: TableView = {
  columns: [
    NAME,
    column("Class", "Class of the ingress."),
    column("Hosts", "Hosts that are routed."),
    column("Address", "Where the load balancer is."),
    column("Ports", "Ports it listens on."),
    AGE,
  ],
  cells: (ingress, now) => {
    const hosts = listOf(at(ingress, "spec", "rules")).map((rule) => textOf(at(rule, "host")) || "*");
    const where = listOf(at(ingress, "status", "loadBalancer", "ingress")).map(
      (one) => textOf(at(one, "ip")) || textOf(at(one, "hostname")) || "",
    );
    const ports = listOf(at(ingress, "spec", "tls")).length > 0 ? "80, 443" : "80";
    return [
      ingress.metadata.name,
      textOf(at(ingress, "spec", "ingressClassName")) ?? NONE,
      hosts.length === 0 ? "*" : firstFew(hosts, SHOWN_ENDPOINTS),
      where.join(","),
      ports,
      ageOf(ingress, now),
    ];
  },
};

export const ingressClassTable: TableView = {
  columns: [NAME, column("Controller", "Controller that serves this class."), column("Parameters", "Further settings of the class."), AGE],
  cells: (object, now) => {
    const parameters = at(object, "spec", "parameters");
    const shown = parameters === undefined ? NONE : `${String(at(parameters, "kind"))}/${String(at(parameters, "name"))}`;
    return [object.metadata.name, at(object, "spec", "controller") ?? "", shown, ageOf(object, now)];
  },
};

export const networkPolicyTable: TableView = {
  columns: [NAME, column("Pod-Selector", "Labels of the pods it is for."), AGE],
  cells: (object, now) => [object.metadata.name, labelsText(at(object, "spec", "podSelector", "matchLabels")), ageOf(object, now)],
};
