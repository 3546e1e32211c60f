/** The form in which a client wants objects: one of the types its Accept header lists, best first. */
export type AcceptedForm = "plain" | "table" | "partial" | "partial-list" | "aggregated-discovery";

const FORMS: Readonly<Record<string, AcceptedForm>> = {
  Table: "table",
  PartialObjectMetadata: "partial",
  PartialObjectMetadataList: "partial-list",
  APIGroupDiscoveryList: "aggregated-discovery",
};

const JSON_TYPES = new Set(["application/json", "application/*", "*/*", ""]);
const DISCOVERY_VERSION = "v2";

/** `undefined` when the client takes nothing that is served here: JSON is. */
export function acceptedForm(header = "*/*"): AcceptedForm | undefined {
  for (const entry of header.split(",")) {
    const [type = "", ...parameters] = entry.split(";").map((part) => part.trim());
    if (!JSON_TYPES.has(type)) continue;
    const values = new Map(parameters.map((parameter) => parameter.split("=", 2) as [string, string]));
    const as = values.get("as");
    if (as === undefined) return "plain";
    const form = FORMS[as];
    const isKnown = form !== undefined && (form !== "aggregated-discovery" || values.get("v") === DISCOVERY_VERSION);
    if (isKnown) return form;
  }
  return undefined;
}
