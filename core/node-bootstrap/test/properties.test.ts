import { fc, test } from "@fast-check/vitest";
import { limitsOf } from "@slash28/limits";
import { expect } from "vitest";
import {
  bootNode,
  decodeBase64Text,
  encodeBase64Text,
  managedUserData,
  NODE_IMAGES,
  TAINT_EFFECTS,
  type ManagedNode,
} from "../src/index.ts";
import { multipartParts, writeMultipart } from "../src/user-data/mime.ts";
import { shellCommands } from "../src/shell/words.ts";

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}[a-z0-9]$/);
const labels = fc.dictionary(label, label, { maxKeys: 4 });
const taints = fc.uniqueArray(fc.record({ key: label, value: label, effect: fc.constantFrom(...TAINT_EFFECTS) }), {
  maxLength: 3,
  selector: ({ key }) => key,
});
const node: fc.Arbitrary<ManagedNode> = fc.record({
  os: fc.constantFrom("al2", "al2023", "bottlerocket"),
  cluster: fc.constant({
    name: "demo",
    endpoint: "https://10.0.0.1",
    certificateAuthority: "Y2E=",
    serviceCidr: "10.100.0.0/16",
    dnsAddress: "10.100.0.10",
  }),
  maxPods: fc.integer({ min: 1, max: 250 }),
  labels,
  taints,
});

/** Pieces user data is made of, so that random text reaches into the parsers. */
const pieces = fc.constantFrom(
  "#!/bin/bash\n",
  "/etc/eks/bootstrap.sh demo ",
  "--kubelet-extra-args '",
  '"',
  "'",
  "$(",
  "${A:-b}",
  "`",
  "\\\n",
  "<<EOF\n",
  "EOF\n",
  "Content-Type: multipart/mixed; boundary=B\n\n",
  "--B\n",
  "--B--\n",
  "Content-Type: application/node.eks.aws\n\n",
  "Content-Transfer-Encoding: base64\n\n",
  "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n",
  "  cluster: {name: demo, apiServerEndpoint: x, certificateAuthority: x, cidr: x}\n",
  "  kubelet: {config: {maxPods: 5}, flags: [--a=b]}\n",
  "[settings.kubernetes]\n",
  'cluster-name = "demo"\napi-server = "x"\ncluster-certificate = "x"\n',
  "max-pods = 5\n",
);
const userData = fc.array(fc.oneof(pieces, fc.string({ unit: "binary" }), fc.string()), { maxLength: 12 }).map((parts) => parts.join(""));

test.prop([userData, fc.constantFrom(...NODE_IMAGES.map(({ id }) => id), "ami-0123456789abcdef0")], { numRuns: 3_000 })(
  "any user data makes a node or says why not",
  (text, imageId) => {
    const booted = bootNode({ imageId, userData: text, limits: limitsOf("m5.large")!, clusterName: "demo" });
    if (booted.ok) expect(Number.isInteger(booted.value.kubelet.maxPods)).toBe(true);
    else expect(booted.problems.every((problem) => problem.length > 20)).toBe(true);
  },
);

test.prop([node])("what EKS writes is what the node gets", (managed) => {
  const text = managedUserData(managed, undefined);
  if (!text.ok) throw new Error(text.problems.join());
  const image = NODE_IMAGES.find(({ os }) => os === managed.os)!;
  const booted = bootNode({ imageId: image.id, userData: text.value, limits: limitsOf("m5.large")!, clusterName: "demo" });
  expect(booted).toMatchObject({
    ok: true,
    value: { kubelet: { maxPods: managed.maxPods, labels: managed.labels, taints: managed.taints } },
  });
});

test.prop([node, fc.integer({ min: 1, max: 500 })])(
  "EKS's number of pods wins over the template's, and the template's labels stay",
  (managed, own) => {
    const theirs = {
      al2: writeMultipart([
        { type: "text/x-shellscript", body: `#!/bin/bash\n/etc/eks/bootstrap.sh demo --kubelet-extra-args '--max-pods=${own}'\n` },
      ]),
      al2023: writeMultipart([
        {
          type: "application/node.eks.aws",
          body: `apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  kubelet:\n    config: {maxPods: ${own}}\n    flags: [--node-labels=mine=yes]\n`,
        },
      ]),
      bottlerocket: `[settings.kubernetes]\nmax-pods = ${own}\n[settings.kubernetes.node-labels]\nmine = "yes"\n`,
    }[managed.os];
    const text = managedUserData(managed, theirs);
    if (!text.ok) throw new Error(text.problems.join());
    const image = NODE_IMAGES.find(({ os }) => os === managed.os)!;
    const booted = bootNode({ imageId: image.id, userData: text.value, limits: limitsOf("m5.large")!, clusterName: "demo" });
    if (!booted.ok) throw new Error(booted.problems.join());
    expect(booted.value.kubelet.maxPods).toBe(managed.maxPods);
    if (managed.os !== "al2") expect(booted.value.kubelet.labels["mine"]).toBe("yes");
  },
);

test.prop([fc.string({ unit: "grapheme" })])("base64 is undone", (text) => {
  expect(encodeBase64Text(text)).toBe(Buffer.from(text).toString("base64"));
  expect(decodeBase64Text(encodeBase64Text(text))).toBe(text);
});

const body = fc.array(fc.stringMatching(/^[ -~]{0,20}$/), { maxLength: 5 }).map((lines) => lines.join("\n").replace(/\n$/, ""));

test.prop([
  fc.array(fc.record({ type: fc.constantFrom("text/x-shellscript", "application/node.eks.aws"), body }), { minLength: 1, maxLength: 4 }),
])("a multipart message gives back its parts", (parts) => {
  const found = multipartParts(writeMultipart(parts));
  if (!found.ok) throw new Error(found.problems.join());
  // Line ends at the end of a part belong to the message.
  expect(found.value.map(({ type, body }) => ({ type, body: body.replace(/\n+$/, "") }))).toEqual(
    parts.map(({ type, body }) => ({ type, body: body.replace(/\n+$/, "") })),
  );
});

const quoted = fc.string().map((text) => `'${text.replaceAll("'", `'\\''`)}'`);

test.prop([fc.array(quoted, { minLength: 1, maxLength: 5 })])("words in single quotes come through whole", (words) => {
  const found = shellCommands(`run ${words.join(" ")}`);
  if (!found.ok) throw new Error(found.problems.join());
  const expected = words.map((word) => word.slice(1, -1).replaceAll(`'\\''`, "'").replaceAll("\r\n", "\n"));
  expect(found.value[0]!.words.slice(1).map(({ text }) => text)).toEqual(expected);
});
