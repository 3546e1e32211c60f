import { describe, expect, test } from "vitest";
import { fc, test as property } from "@fast-check/vitest";
import type { KubeObject } from "@slash28/kube-store";
import { identityOfPod, withIdentity, type PodIdentity, type PodIdentityFacts } from "../src/index.ts";

const SETTINGS = { region: "us-east-1", isIpv6: false };
const ROLE = "arn:aws:iam::111122223333:role/reader";
const IRSA = { "eks.amazonaws.com/role-arn": ROLE };
const INJECTED = {
  regional: { name: "AWS_STS_REGIONAL_ENDPOINTS", value: "regional" },
  region: [
    { name: "AWS_DEFAULT_REGION", value: "us-east-1" },
    { name: "AWS_REGION", value: "us-east-1" },
  ],
  containers: [
    { name: "AWS_CONTAINER_CREDENTIALS_FULL_URI", value: "http://169.254.170.23/v1/credentials" },
    {
      name: "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
      value: "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token",
    },
  ],
  irsa: [
    { name: "AWS_ROLE_ARN", value: ROLE },
    { name: "AWS_WEB_IDENTITY_TOKEN_FILE", value: "/var/run/secrets/eks.amazonaws.com/serviceaccount/token" },
  ],
};
const ALL_CONTAINERS = [INJECTED.regional, ...INJECTED.region, ...INJECTED.containers];
const MOUNT = { name: "eks-pod-identity-token", readOnly: true, mountPath: "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount" };

const aPod = (spec: object = {}, metadata: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", namespace: "shop", ...metadata },
  spec: { containers: [{ name: "c", image: "i" }], ...spec },
});
const identityOf = (facts: Partial<PodIdentityFacts>): PodIdentity | undefined =>
  identityOfPod({ pod: aPod(), accountAnnotations: {}, isAssociated: false, draw: 0, ...facts }, SETTINGS);
const admitted = (pod: KubeObject, facts: Partial<PodIdentityFacts> = { isAssociated: true }): KubeObject => {
  const identity = identityOf({ pod, ...facts });
  return identity === undefined ? pod : withIdentity(pod, identity, SETTINGS);
};
const envOf = (pod: KubeObject, list = "containers", index = 0): unknown =>
  (pod["spec"] as Record<string, { env?: unknown }[]>)[list]?.[index]?.env;

describe("which identity", () => {
  test("none without association or role, none for a pod that does not want any", () => {
    expect(identityOf({})).toBeUndefined();
    expect(identityOf({ accountAnnotations: { "eks.amazonaws.com/role-arn": "" } })).toBeUndefined();
    const pod = aPod({}, { labels: { "eks.amazonaws.com/skip-pod-identity-webhook": "" } });
    expect(identityOf({ pod, isAssociated: true })).toBeUndefined();
  });

  test("an association comes before the annotation", () => {
    expect(identityOf({ isAssociated: true, accountAnnotations: IRSA })?.kind).toBe("pod-identity");
    expect(identityOf({ accountAnnotations: IRSA })).toMatchObject({
      kind: "irsa",
      audience: "sts.amazonaws.com",
      expirationSeconds: 86_400,
    });
  });

  test("the account's audience counts for IRSA alone", () => {
    const accountAnnotations = { ...IRSA, "eks.amazonaws.com/audience": "other" };
    expect(identityOf({ accountAnnotations })?.audience).toBe("other");
    expect(identityOf({ accountAnnotations, isAssociated: true })?.audience).toBe("pods.eks.amazonaws.com");
  });

  test.each([
    ["nothing", undefined, undefined, 86_400],
    ["the account", undefined, "7200", 7_200],
    ["the pod before the account", "3600", "7200", 3_600],
    ["too little", "10", undefined, 600],
    ["less than nothing", "-5", undefined, 600],
    ["no number on the pod", "soon", "7200", 7_200],
    ["no number at all", "1h", "1h", 86_400],
  ])("how long a token lives, by %s", (_, ofPod, ofAccount, seconds) => {
    const name = "eks.amazonaws.com/token-expiration";
    const pod = aPod({}, ofPod === undefined ? {} : { annotations: { [name]: ofPod } });
    const accountAnnotations = { ...IRSA, ...(ofAccount === undefined ? {} : { [name]: ofAccount }) };
    expect(identityOf({ pod, accountAnnotations })?.expirationSeconds).toBe(seconds);
    expect(identityOf({ pod, accountAnnotations, isAssociated: true, draw: 0 })?.expirationSeconds).toBe(
      seconds === 86_400 ? 79_200 : seconds,
    );
  });

  property.prop([fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })])("tokens of a day end in its last two hours", (draw) => {
    const seconds = identityOf({ isAssociated: true, draw })?.expirationSeconds ?? 0;
    expect(seconds).toBeGreaterThanOrEqual(79_200);
    expect(seconds).toBeLessThanOrEqual(86_400);
    expect(Number.isInteger(seconds)).toBe(true);
  });

  test.each([
    ["true", true],
    ["F", false],
    ["0", false],
    ["no", true],
  ])("sts-regional-endpoints %s", (text, isRegional) => {
    const accountAnnotations = { ...IRSA, "eks.amazonaws.com/sts-regional-endpoints": text };
    expect(identityOf({ accountAnnotations })?.usesRegionalSts).toBe(isRegional);
  });

  test("an IPv6 cluster's pods reach the agent by IPv6", () => {
    const identity = identityOfPod({ pod: aPod(), accountAnnotations: {}, isAssociated: true, draw: 0 }, { ...SETTINGS, isIpv6: true });
    expect(identity?.variables[0]?.[1]).toBe("http://[fd00:ec2::23]/v1/credentials");
  });
});

describe("what is put in", () => {
  test("Pod Identity: variables, mount, volume, label, also in init containers", () => {
    const pod = admitted(aPod({ initContainers: [{ name: "first", restartPolicy: "Always" }], volumes: [{ name: "mine", emptyDir: {} }] }));
    expect(pod).toEqual({
      ...aPod(),
      metadata: { name: "web", namespace: "shop", labels: { "eks.amazonaws.com/pod-identity": "enabled" } },
      spec: {
        volumes: [
          {
            name: "eks-pod-identity-token",
            projected: {
              sources: [
                { serviceAccountToken: { audience: "pods.eks.amazonaws.com", expirationSeconds: 79_200, path: "eks-pod-identity-token" } },
              ],
            },
          },
          { name: "mine", emptyDir: {} },
        ],
        containers: [{ name: "c", image: "i", env: ALL_CONTAINERS, volumeMounts: [MOUNT] }],
        initContainers: [{ name: "first", restartPolicy: "Always", env: ALL_CONTAINERS, volumeMounts: [MOUNT] }],
      },
    });
  });

  test("IRSA: its own variables, volume and audience; no label", () => {
    const pod = admitted(aPod(), { accountAnnotations: IRSA });
    expect(envOf(pod)).toEqual([INJECTED.regional, ...INJECTED.region, ...INJECTED.irsa]);
    expect(pod.metadata.labels).toBeUndefined();
    expect(pod["spec"]).toMatchObject({
      volumes: [
        {
          name: "aws-iam-token",
          projected: { sources: [{ serviceAccountToken: { audience: "sts.amazonaws.com", expirationSeconds: 86_400, path: "token" } }] },
        },
      ],
      containers: [
        { volumeMounts: [{ name: "aws-iam-token", readOnly: true, mountPath: "/var/run/secrets/eks.amazonaws.com/serviceaccount" }] },
      ],
    });
  });

  const own = (name: string): object => ({ name, value: "mine" });
  test.each([
    ["a region", [own("AWS_REGION")], [INJECTED.regional, ...INJECTED.containers]],
    ["the other region", [own("AWS_DEFAULT_REGION")], [INJECTED.regional, ...INJECTED.containers]],
    ["STS", [own("AWS_STS_REGIONAL_ENDPOINTS")], [...INJECTED.region, ...INJECTED.containers]],
    ["one of its credentials", [own("AWS_CONTAINER_CREDENTIALS_FULL_URI")], [INJECTED.regional, ...INJECTED.region]],
    ["another role", [own("AWS_ROLE_ARN")], ALL_CONTAINERS],
  ])("a container that has %s keeps it", (_, env, added) => {
    expect(envOf(admitted(aPod({ containers: [{ name: "c", env }] })))).toEqual([...env, ...added]);
  });

  test("a container that has everything is left alone", () => {
    const env = ["AWS_REGION", "AWS_STS_REGIONAL_ENDPOINTS", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"].map(own);
    const containers = [{ name: "c", env }];
    expect(admitted(aPod({ containers }))["spec"]).toMatchObject({ containers });
    expect(JSON.stringify(admitted(aPod({ containers })))).not.toContain("volumeMounts");
  });

  test("a volume and a mount of that name stay as they are", () => {
    const spec = {
      volumes: [{ name: "eks-pod-identity-token", emptyDir: {} }],
      containers: [{ name: "c", volumeMounts: [{ name: "eks-pod-identity-token", mountPath: "/mine" }] }],
    };
    expect(admitted(aPod(spec))["spec"]).toMatchObject(spec);
  });

  test.each([
    ["one", "c", ["d"]],
    ["two", "c,d", []],
    ["in quotes", '"c",d', []],
    ["with a space", "c, d", ["d"]],
    ["none of them", ",", ["c", "d"]],
    ["a stray quote", 'c,"d', ["c", "d"]],
  ])("skip-containers: %s", (_, text, changed) => {
    const pod = aPod({ containers: [{ name: "c" }, { name: "d" }] }, { annotations: { "eks.amazonaws.com/skip-containers": text } });
    const { containers } = admitted(pod)["spec"] as { containers: { name: string; env?: unknown }[] };
    expect(containers.filter(({ env }) => env !== undefined).map(({ name }) => name)).toEqual(changed);
  });

  test.each(["kubernetes.io/os", "beta.kubernetes.io/os"])("on Windows by %s the file has a path of Windows", (label) => {
    expect(envOf(admitted(aPod({ nodeSelector: { [label]: "windows" } })))).toContainEqual({
      name: "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
      value: String.raw`C:\var\run\secrets\pods.eks.amazonaws.com\serviceaccount\eks-pod-identity-token`,
    });
  });

  test("what is none of its business stays", () => {
    const containers = [{ name: "c", livenessProbe: { grpc: { port: 1 } }, securityContext: { seccompProfile: { type: "Localhost" } } }];
    expect(admitted(aPod({ containers, securityContext: { fsGroup: 7 } }))["spec"]).toMatchObject({
      containers,
      securityContext: { fsGroup: 7 },
    });
  });

  const name = fc.constantFrom("AWS_REGION", "AWS_ROLE_ARN", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_STS_REGIONAL_ENDPOINTS", "OTHER");
  const container = fc.record(
    { name: fc.constantFrom("a", "b"), env: fc.array(name.map(own), { maxLength: 4 }) },
    { requiredKeys: ["name"] },
  );
  property.prop([fc.array(container, { maxLength: 3 }), fc.boolean(), fc.double({ min: 0, max: 0.99, noNaN: true })])(
    "twice is once, and nothing that was there is lost",
    (containers, isAssociated, draw) => {
      const facts = { accountAnnotations: IRSA, isAssociated, draw };
      const once = admitted(aPod({ containers }), facts);
      expect(admitted(once, facts)).toEqual(once);
      containers.forEach(({ env = [] }, index) =>
        expect(((envOf(once, "containers", index) ?? []) as object[]).slice(0, env.length)).toEqual(env),
      );
    },
  );
});
