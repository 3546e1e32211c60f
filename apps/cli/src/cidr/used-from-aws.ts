import { readFileSync } from "node:fs";
import type { CidrRange } from "@slash28/address";
import { usageError } from "../output/index.ts";
import { rangeOf } from "./read-ranges.ts";

const HOW = {
  Subnets: "aws ec2 describe-subnets --output json",
  NetworkInterfaces: "aws ec2 describe-network-interfaces --output json",
} as const;

/** The ranges of the subnets in a saved answer of `aws ec2 describe-subnets`. */
export function rangesOfSubnets(path: string): CidrRange[] {
  return listIn(path, "Subnets").flatMap((subnet) => [
    ...textsAt(subnet, ["CidrBlock"]),
    ...nestedTexts(subnet, "Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock"),
  ]);
}

/** The addresses and prefixes of the ENIs in a saved answer of `aws ec2 describe-network-interfaces`. */
export function rangesOfEnis(path: string): CidrRange[] {
  return listIn(path, "NetworkInterfaces").flatMap((eni) => [
    ...textsAt(eni, ["PrivateIpAddress"]),
    ...nestedTexts(eni, "PrivateIpAddresses", "PrivateIpAddress"),
    ...nestedTexts(eni, "Ipv4Prefixes", "Ipv4Prefix"),
    ...nestedTexts(eni, "Ipv6Addresses", "Ipv6Address"),
    ...nestedTexts(eni, "Ipv6Prefixes", "Ipv6Prefix"),
  ]);
}

function listIn(path: string, key: keyof typeof HOW): readonly unknown[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw usageError(`cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  const list = fieldOf(parsed, key);
  if (!Array.isArray(list)) throw usageError(`${path} has no "${key}" list; save the answer of \`${HOW[key]}\``);
  return list;
}

function nestedTexts(value: unknown, list: string, field: string): CidrRange[] {
  const entries = fieldOf(value, list);
  return Array.isArray(entries) ? entries.flatMap((entry) => textsAt(entry, [field])) : [];
}

function textsAt(value: unknown, fields: readonly string[]): CidrRange[] {
  return fields.flatMap((field) => {
    const text = fieldOf(value, field);
    const range = typeof text === "string" ? rangeOf(text) : undefined;
    return range === undefined ? [] : [range];
  });
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, field) : undefined;
}
