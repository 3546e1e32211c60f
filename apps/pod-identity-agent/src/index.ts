export { startAgent, type AgentOptions, type RunningAgent } from "./agent.ts";
export { AGENT_SERIES } from "./agent-metrics.ts";
export { agentProgram, type Commands, type ServerFlags } from "./flags.ts";
export { AGENT_LINK, setUpLink } from "./set-up-link.ts";
export { defaultProfile, sharedCredentials } from "./shared-credentials.ts";
