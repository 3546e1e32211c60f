export { createAgent, type Agent, type AgentOptions } from "./agent.ts";
export type { AgentPorts } from "./ports.ts";
export type { CniEnvelope } from "./cni/cni-request.ts";
export type { CniAnswer } from "./cni/cni-answer.ts";
export { METRICS, type MetricName, type MetricSpec } from "./report/metric-table.ts";
export { CONFLIST_NAME } from "./start/conflist.ts";
export { holdPodsOff, NO_ADDRESS_TAINT, whatIsMissing } from "./start/first-address-taint.ts";
