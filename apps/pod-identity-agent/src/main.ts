import { createImds, credentialSource } from "@slash28/aws";
import { openNetlink, systemClock as clock } from "@slash28/linux";
import { eksAuthEndpoint } from "@slash28/pod-identity";
import { createAgentLog } from "./agent-log.ts";
import { startAgent } from "./agent.ts";
import { agentProgram, type ServerFlags } from "./flags.ts";
import { setUpLink } from "./set-up-link.ts";
import { sharedCredentials } from "./shared-credentials.ts";

const { env } = process;

async function server(flags: ServerFlags): Promise<void> {
  const log = createAgentLog(flags.verbosity);
  const imds = createImds({ endpoint: env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] || "http://169.254.169.254", clock });
  const region = env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || (await imds.read("meta-data/placement/region"));
  const own = eksAuthEndpoint(region, { isFips: env["AWS_USE_FIPS_ENDPOINT"] === "true" });
  const endpoint = flags.endpoint || env["AWS_ENDPOINT_URL_EKS_AUTH"] || env["AWS_ENDPOINT_URL"] || own;
  const credentials = flags.rotateCredentials ? sharedCredentials(env, clock) : credentialSource({ env, imds, clock });
  const agent = await startAgent({ flags, endpoint, region, credentials, clock, random: Math.random, log });
  log.info("the agent serves pods", { "cluster-name": flags.clusterName, endpoint, region });
  const stop = (signal: string): void => {
    log.info("the agent stops", { signal });
    void agent.stop().then(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

const program = agentProgram({
  server,
  initialize(verbosity) {
    const netlink = openNetlink();
    try {
      setUpLink(netlink, createAgentLog(verbosity));
    } finally {
      netlink.close();
    }
  },
});

try {
  await program.parseAsync(process.argv);
} catch (cause) {
  createAgentLog("error").error("the agent ends", { detail: cause instanceof Error ? cause.message : String(cause) });
  process.exit(1);
}
