import { AwsError } from "../aws-error.ts";

/**
 * Largest request taken, by every protocol. EC2's own form limit is not published; user data (16 KiB, base64) is the largest real member. What
 * AWS takes of the other services is far below.
 */
const BODY_BYTES_MAX = 1024 * 1024;

/**
 * The request's body, never more of it than is taken. One of announced length is read in one go, which the HTTP server does without streams;
 * Node lets no more through than was announced.
 * @throws {AwsError} `RequestEntityTooLarge`
 */
export async function readBody(request: Request): Promise<Uint8Array> {
  const announced = request.headers.get("content-length");
  if (announced === null) return readStream(request);
  if (!(Number(announced) <= BODY_BYTES_MAX)) throw tooLarge();
  return new Uint8Array(await request.arrayBuffer());
}

async function readStream(request: Request): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (request.body === null) return new Uint8Array();
  const reader = request.body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    bytes += next.value.byteLength;
    if (bytes > BODY_BYTES_MAX) {
      await reader.cancel();
      throw tooLarge();
    }
    chunks.push(next.value);
  }
  return Buffer.concat(chunks);
}

function tooLarge(): AwsError {
  return new AwsError("RequestEntityTooLarge", `The request is larger than ${BODY_BYTES_MAX} bytes.`, 413);
}
