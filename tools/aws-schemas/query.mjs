/**
 * Cuts a service of the form protocols (Smithy's ec2Query and awsQuery) or of AWS JSON out of its SDK client. The shape of the output is
 * described by apps/lab/src/aws/wire/schema.ts.
 */
import { cutOut, scalar } from "./shapes.mjs";

const capitalised = (name) => name.charAt(0).toUpperCase() + name.slice(1);

/** The key of a member in a request: EC2 has rules of its own (Smithy's ec2Query protocol), AWS Query takes the XML name. */
function requestKey(protocol, name, traits) {
  if (protocol === "query") return traits.xmlName ?? name;
  return traits.ec2QueryName ?? capitalised(traits.xmlName ?? name);
}

const rulesOf = (protocol) => ({
  scalar,
  listFields: (item) => ({ item: item.getMergedTraits().xmlName ?? (protocol === "ec2" ? "item" : "member") }),
  memberFields(member, traits, where) {
    if (traits.xmlFlattened || traits.xmlAttribute) throw new Error(`${where} uses an XML form the codec does not know`);
    const key = requestKey(protocol, member, traits);
    const tag = traits.xmlName ?? member;
    return { ...(key === member ? {} : { key }), ...(tag === member ? {} : { tag }) };
  },
  operationFields: () => ({}),
});

export function extractQuery({ sdk, protocol, version, xmlNamespace }, actions, options) {
  const { operations, shapes, others } = cutOut(sdk, actions, rulesOf(protocol), options);
  return { protocol, version, xmlNamespace, operations, shapes, otherActions: others.map((operation) => operation[2]) };
}
