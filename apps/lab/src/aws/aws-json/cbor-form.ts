import { cbor, dateToTag } from "@smithy/core/cbor";
import { AwsError } from "../aws-error.ts";
import type { ValueForm } from "./values.ts";

/** CBOR of Smithy's RPC v2: times are tag 1 over seconds since the epoch (RFC 8949, section 3.4.2). */
export const CBOR_FORM: ValueForm = {
  writeTime: (at) => dateToTag(at),
  readTime: (value) => {
    const inner = isTag(value) ? value.value : value;
    return typeof inner === "number" && Number.isFinite(inner) ? new Date(inner * 1000) : undefined;
  },
};

/** @throws {AwsError} `SerializationException` */
export function readCbor(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return {};
  try {
    return cbor.deserialize(bytes);
  } catch {
    throw new AwsError("SerializationException", "The request's body is not CBOR.");
  }
}

export function writeCbor(value: unknown): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(cbor.serialize(value));
}

function isTag(value: unknown): value is { readonly tag: number; readonly value: unknown } {
  return typeof value === "object" && value !== null && "tag" in value && value.tag === 1 && "value" in value;
}
