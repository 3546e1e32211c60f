import { z } from "zod";
import { name } from "./basics.ts";
import { duration } from "./duration.ts";

/** What a simulation may hold. */
const NODES_MAX = 100_000;

/** The parts of a KubeletConfiguration that a lab's kubelets heed. */
const kubelet = z.strictObject({
  crashLoopBackOff: z
    .strictObject({
      maxContainerRestartPeriod: z
        .string()
        .regex(/^([1-9]\d?|[12]\d\d|300)s$/, "must be from 1s to 300s, as kubelet wants it")
        .optional()
        .describe(
          "The longest wait before a container that ended runs again; kubelet's own is 300 s. Below 10 s it is the first wait, too.",
        ),
    })
    .prefault({}),
});

/** A cluster autoscaler for one group. */
const scaling = z.strictObject({
  min: z.int().min(0).max(NODES_MAX).default(0),
  max: z.int().min(0).max(NODES_MAX),
  scaleOutAfter: duration
    .default("10s")
    .describe("How long a pod has no node before nodes are launched; Cluster Autoscaler looks every 10 s."),
  nodeReadyAfter: duration.default("60s").describe("From the launch of an instance until its kubelet takes pods."),
  scaleInAfter: duration
    .default("10m")
    .describe("How long a node has no pod but the DaemonSets' before it goes; Cluster Autoscaler's own is 10 minutes."),
});

export const nodeGroup = z.strictObject({
  name,
  instanceType: z.string().min(1),
  nodes: z.int().min(0).max(NODES_MAX),
  maxPods: z.int().min(1).max(1000).optional().describe("What kubelet is told; absent, what EKS computes for the type."),
  podsPerNode: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe("Pods of the workload that a node has CPU and memory for, where that is fewer than max pods."),
  zones: z.array(z.string()).min(1).optional().describe("Where its nodes go, in turn; absent, every zone that has a subnet for nodes."),
  scaling: scaling.optional(),
  labels: z.record(z.string(), z.string()).default({}),
  kubelet: kubelet.optional(),
});
