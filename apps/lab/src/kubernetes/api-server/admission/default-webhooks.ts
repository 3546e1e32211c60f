import { own, type Fields } from "@slash28/kube-store";

import { eachOf, fill, within } from "./default-pod.ts";

/** What upstream's defaulting adds to webhook configurations (pkg/apis/admissionregistration/v1/defaults.go). */
export function defaultMutatingWebhooks(configuration: Fields): Fields {
  return eachOf(configuration, "webhooks", (webhook) => fill(defaultWebhook(webhook), { reinvocationPolicy: "Never" }));
}

export function defaultValidatingWebhooks(configuration: Fields): Fields {
  return eachOf(configuration, "webhooks", defaultWebhook);
}

function defaultWebhook(webhook: Fields): Fields {
  const filled = fill(webhook, {
    failurePolicy: "Fail",
    matchPolicy: "Equivalent",
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
  });
  const placed = within(filled, "clientConfig", (config) => within(config, "service", (service) => fill(service, { port: 443 })));
  return eachOf(placed, "rules", (rule) => fill(rule, { scope: "*" }));
}

export function defaultPolicy(spec: Fields): Fields {
  const constraints = (field: Fields): Fields =>
    eachOf(fill(field, { matchPolicy: "Equivalent", namespaceSelector: {}, objectSelector: {} }), "resourceRules", (rule) =>
      fill(rule, { scope: "*" }),
    );
  return within(own(spec, "failurePolicy") === undefined ? fill(spec, { failurePolicy: "Fail" }) : spec, "matchConstraints", constraints);
}
