import { credentialSource, createImds, type Imds } from "@slash28/aws";
import { createAwsReader, type AwsReader } from "@slash28/aws/reads";
import type { Kube } from "@slash28/ports";
import { factsOf } from "./cluster-facts.ts";
import { collectAws } from "./collect-aws.ts";
import { collectKubernetes } from "./collect-kubernetes.ts";
import type { Collected, SnapshotDocument, UnreadDocument } from "./documents.ts";
import { wallClock } from "../wall-clock.ts";

export interface CollectOptions {
  readonly kube: Kube;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** As told; else the variables' and the nodes'. */
  readonly region?: string | undefined;
  readonly cluster?: string | undefined;
  readonly progress: (what: string) => void;
}

/** A cluster as it is now. */
export interface LiveSnapshot extends Collected {
  readonly region?: string;
  readonly cluster?: string;
}

/** Reads Kubernetes, then AWS as far as the nodes lead there. Changes nothing. */
export async function collect({ kube, env, region: told, cluster, progress }: CollectOptions): Promise<LiveSnapshot> {
  const ofKubernetes = await collectKubernetes(kube, progress);
  const region = told ?? (env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || factsOf(ofKubernetes.documents, {}).region);
  const ofAws =
    region === undefined ? noRegion() : await collectAws(awsReader(region, env), { known: ofKubernetes.documents, cluster, progress });
  const documents: readonly SnapshotDocument[] = [...ofKubernetes.documents, ...ofAws.documents];
  const { clusterName } = factsOf(documents, { cluster });
  return {
    documents,
    unread: [...ofKubernetes.unread, ...ofAws.unread],
    ...(region === undefined ? {} : { region }),
    ...(clusterName === undefined ? {} : { cluster: clusterName }),
  };
}

function noRegion(): Collected {
  const unread: UnreadDocument = {
    from: "aws",
    code: "NoRegion",
    message: "no node tells its Region; name it with --region or AWS_REGION",
    needs: "",
  };
  return { documents: [], unread: [unread] };
}

function awsReader(region: string, env: CollectOptions["env"]): AwsReader {
  const endpoint = env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] || "http://169.254.169.254";
  const imds = env["AWS_EC2_METADATA_DISABLED"] === "true" ? NO_METADATA : createImds({ endpoint, clock: wallClock, timeoutMs: 1_000 });
  return createAwsReader({
    region,
    credentials: credentialSource({ env, imds, clock: wallClock }),
    clock: wallClock,
    random: Math.random,
    env,
  });
}

const NO_METADATA: Imds = { read: () => Promise.resolve(""), find: () => Promise.resolve(undefined) };
