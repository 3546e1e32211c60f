export { bootNode, standardMaxPods, type BootedNode, type BootingNode } from "./boot-node.ts";
export { managedUserData, type ManagedNode } from "./managed-user-data.ts";
export { NODE_IMAGES, nodeImage, type Architecture, type NodeImage, type NodeOs } from "./node-image.ts";
export type { Reading } from "./problem.ts";
export { TAINT_EFFECTS, type Amounts, type KubeletSettings, type MaxPodsSource, type Taint, type TaintEffect } from "./kubelet/settings.ts";
export { isLabelKey, isLabelValue } from "./kubelet/labels.ts";
export { checkedTaint } from "./kubelet/taints.ts";
export { decodeBase64Text, encodeBase64Text } from "./user-data/base64.ts";
