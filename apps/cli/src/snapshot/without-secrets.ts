import type { KubeObject } from "@slash28/ports";
import { asJson, objectsOf, type Json } from "./documents.ts";

/** Whose variables are the VPC CNI's own settings; what other programs are given may be a password. */
const CNI = "aws-node";
/** Whose arguments say how the cluster's network is made. */
const NETWORK_PROGRAMS = new Set([CNI, "kube-proxy", "node-local-dns", "node-cache"]);
/** Holds what was applied once, values of variables included. */
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * A Kubernetes object as a snapshot keeps it: without values of variables, commands and arguments, except those of the network's own
 * programs, and without who managed which field.
 */
export function withoutSecrets(object: KubeObject): Json {
  const { managedFields: _, annotations, ...metadata } = object.metadata;
  const kept = asJson(annotations);
  const clean = kept === undefined ? {} : { annotations: Object.fromEntries(Object.entries(kept).filter(([key]) => key !== LAST_APPLIED)) };
  return { ...templatesCleaned(object, ownerOf(object)), metadata: { ...metadata, ...clean } };
}

/** The program that an object, or the pods it makes, belong to. */
function ownerOf({ kind, metadata }: KubeObject): string {
  const owner = metadata.ownerReferences?.[0]?.name;
  const isOwned = kind === "Pod" || kind === "ControllerRevision";
  const isSystem = metadata.namespace === "kube-system";
  return isSystem ? ((isOwned ? owner : metadata.name) ?? metadata.name) : "";
}

/** Wherever containers are: in a pod, in a template, in an earlier revision of one. */
function templatesCleaned(value: Json, owner: string): Json {
  return Object.fromEntries(
    Object.entries(value).map(([key, content]) => {
      if (CONTAINERS.has(key)) return [key, objectsOf(content).map((container) => containerCleaned(container, owner))];
      const below = asJson(content);
      return [key, below === undefined ? content : templatesCleaned(below, owner)];
    }),
  );
}

const CONTAINERS = new Set(["containers", "initContainers", "ephemeralContainers"]);

function containerCleaned(container: Json, owner: string): Json {
  const { env, args, command, ...rest } = container;
  const told = NETWORK_PROGRAMS.has(owner)
    ? { ...(args === undefined ? {} : { args }), ...(command === undefined ? {} : { command }) }
    : {};
  if (env === undefined) return { ...rest, ...told };
  const variables = objectsOf(env).map(({ value, ...variable }) =>
    owner === CNI && value !== undefined ? { ...variable, value } : variable,
  );
  return { ...rest, ...told, env: variables };
}
