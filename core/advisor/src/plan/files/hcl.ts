/** Something that is not text in Terraform: a reference, or a call. */
export interface HclExpression {
  readonly hcl: string;
}

export type HclValue = string | number | boolean | HclExpression | readonly HclValue[] | { readonly [key: string]: HclValue };

/** A block: `resource "aws_vpc" "this" { … }`. */
export interface HclBlock {
  readonly block: readonly [type: string, ...labels: string[]];
  readonly attributes: Readonly<Record<string, HclValue>>;
  readonly blocks?: readonly HclBlock[];
}

export function expression(hcl: string): HclExpression {
  return { hcl };
}

/** Blocks as `terraform fmt` would have them, but for the alignment of `=`. */
export function hclText(blocks: readonly HclBlock[]): string {
  return `${blocks.map((block) => blockText(block, "")).join("\n\n")}\n`;
}

function blockText({ block: [type, ...labels], attributes, blocks = [] }: HclBlock, indent: string): string {
  const inner = `${indent}  `;
  const lines = [
    ...Object.entries(attributes).map(([key, value]) => `${inner}${key} = ${valueText(value, inner)}`),
    ...blocks.map((block) => blockText(block, inner)),
  ];
  return [`${indent}${[type, ...labels.map((label) => JSON.stringify(label))].join(" ")} {`, ...lines, `${indent}}`].join("\n");
}

/** A value as it stands behind `=`. */
export function valueText(value: HclValue, indent: string): string {
  if (typeof value === "string") return JSON.stringify(value).replaceAll("${", "$${");
  if (typeof value !== "object") return String(value);
  if (isExpression(value)) return value.hcl;
  const inner = `${indent}  `;
  if (isList(value)) {
    return value.length === 0 ? "[]" : `[\n${value.map((item) => `${inner}${valueText(item, inner)},`).join("\n")}\n${indent}]`;
  }
  const entries = Object.entries(value).map(([key, item]) => `${inner}${JSON.stringify(key)} = ${valueText(item, inner)}`);
  return entries.length === 0 ? "{}" : `{\n${entries.join("\n")}\n${indent}}`;
}

function isExpression(value: object): value is HclExpression {
  return "hcl" in value && typeof value.hcl === "string";
}

function isList(value: HclValue): value is readonly HclValue[] {
  return Array.isArray(value);
}
