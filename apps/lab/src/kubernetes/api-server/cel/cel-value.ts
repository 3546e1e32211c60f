import { isFields, own, propertiesOf, schemaOf, type StructuralSchema } from "@slash28/kube-store";

/**
 * A value as CEL has it: whole numbers are of another type than fractions, and moments than texts. Without a schema every whole number is
 * an `int`, and every text a text.
 */
export function celValue(value: unknown, schema?: StructuralSchema): unknown {
  if (Array.isArray(value)) {
    const items = schema === undefined ? undefined : schemaOf(schema, "items");
    return value.map((item: unknown) => celValue(item, items));
  }
  if (isFields(value)) {
    const properties = schema === undefined ? {} : propertiesOf(schema);
    const others = schema === undefined ? undefined : schemaOf(schema, "additionalProperties");
    const entries = Object.entries(value).filter(([, field]) => field !== undefined);
    return Object.fromEntries(
      entries.map(([name, field]) => {
        const below = own(properties, name);
        return [name, celValue(field, isFields(below) ? below : others)];
      }),
    );
  }
  if (typeof value === "number") return schema?.["type"] !== "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value === "string" && schema?.["format"] === "date-time") {
    const moment = new Date(value);
    return Number.isNaN(moment.getTime()) ? value : moment;
  }
  return value;
}
