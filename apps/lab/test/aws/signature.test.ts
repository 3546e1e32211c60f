import { AwsV4Signer } from "aws4fetch";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isSignatureOf, signingTime } from "../../src/aws/wire/signature.ts";

const text = fc.string({ unit: "grapheme", maxLength: 8 });
const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9._~-]{0,6}$/);
const arbRequest = fc.record({
  path: fc.array(
    text.filter((part) => !/^\.*$/.test(part)),
    { maxLength: 4 },
  ),
  query: fc.array(fc.tuple(name, text), { maxLength: 4 }),
  value: fc.stringMatching(/^[a-z]( {0,3}[a-z,;=]){0,6}$/),
  body: fc.string({ unit: "grapheme", maxLength: 40 }),
  secret: fc.stringMatching(/^[A-Za-z0-9/+]{40}$/),
});

test("a signature is recognised as another library makes it, and nothing else is", async () => {
  await fc.assert(
    fc.asyncProperty(arbRequest, async ({ path, query, value, body, secret }) => {
      const url = new URL(`https://lab.example.com:8443/${path.map(encodeURIComponent).join("/")}`);
      for (const [key, one] of query) url.searchParams.append(key, one);
      const signer = new AwsV4Signer({
        url: url.toString(),
        method: "POST",
        headers: { "x-odd": value },
        body,
        accessKeyId: "AKID",
        secretAccessKey: secret,
        service: "execute-api",
        region: "eu-west-1",
        datetime: "20260102T030405Z",
      });
      const { headers, url: sent } = await signer.sign();
      const authorization = headers.get("authorization") ?? "";
      const given = /Signature=(.*)$/.exec(authorization)?.[1] ?? "";
      const parts = {
        method: "POST",
        path: sent.pathname,
        query: sent.searchParams,
        signedHeaders: /SignedHeaders=([^,]+)/.exec(authorization)?.[1] ?? "",
        header: (wanted: string) => (wanted === "host" ? sent.host : (headers.get(wanted) ?? "")),
        body,
        dateTime: "20260102T030405Z",
        scope: "20260102/eu-west-1/execute-api/aws4_request",
      };
      expect(isSignatureOf(given, parts, secret)).toBe(true);
      expect(isSignatureOf(given, parts, `${secret}x`)).toBe(false);
      expect(isSignatureOf(given, { ...parts, body: `${body}x` }, secret)).toBe(false);
      expect(isSignatureOf(given, { ...parts, path: `${parts.path}x` }, secret)).toBe(false);
      expect(isSignatureOf(given, { ...parts, query: [...query, ["x-more", "1"]] }, secret)).toBe(false);
      expect(isSignatureOf(given, { ...parts, method: "PUT" }, secret)).toBe(false);
      expect(isSignatureOf(given.slice(2), parts, secret)).toBe(false);
    }),
    { numRuns: 150 },
  );
});

test.each([
  ["20260102T030405Z", Date.UTC(2026, 0, 2, 3, 4, 5)],
  ["2026-01-02T03:04:05Z", undefined],
  ["", undefined],
])("the time of a signature: %s", (given, at) => {
  expect(signingTime(given)).toBe(at);
});
