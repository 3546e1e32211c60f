import type { Agent } from "@slash28/agent";
import type { Settings } from "@slash28/ipam";
import type { Ec2, Journal, Metadata } from "@slash28/ports";
import type { Random } from "@slash28/simulation";

/** Where a mistake can be put: around the ports and inputs of an agent, never in its code. */
export interface PlantedBug {
  readonly name: string;
  /** What the agent does wrong with it. */
  readonly about: string;
  readonly settings?: (settings: Settings) => Settings;
  readonly ec2?: (ec2: Ec2, agent: () => Agent | undefined) => Ec2;
  readonly metadata?: (metadata: Metadata, agent: () => Agent | undefined) => Metadata;
  readonly journal?: (journal: Journal) => Journal;
  /** Called with each agent before it starts. */
  readonly agent?: (agent: Agent, random: Random) => void;
}
