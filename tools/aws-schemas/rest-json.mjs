/**
 * Cuts a REST-JSON service (AWS: "restJson1") out of its SDK client: routes, and the structures that the implemented operations reach.
 * The shape of the output is described by apps/lab/src/aws/rest-json/schema.ts.
 */
import { cutOut, scalar } from "./shapes.mjs";

const routeOf = (operation) => {
  const [method, path] = operation[3].http;
  return { method, path };
};

const RULES = {
  scalar(schema, where) {
    const type = scalar(schema, where);
    if (type === "blob") throw new Error(`${where} is a blob, which the codec does not know`);
    return type;
  },
  listFields: () => ({}),
  memberFields(_member, traits, where) {
    if (traits.httpHeader || traits.httpPayload || traits.jsonName) throw new Error(`${where} is bound in a way not known here`);
    if (traits.httpQuery !== undefined) return { in: "query", key: traits.httpQuery };
    return traits.httpLabel ? { in: "path" } : {};
  },
  operationFields: routeOf,
};

export function extractRestJson({ sdk, protocol }, names, options) {
  const { operations, shapes, others } = cutOut(sdk, names, RULES, options);
  return { protocol, operations, shapes, otherActions: others.map((operation) => ({ name: operation[2], ...routeOf(operation) })) };
}
