import type { GetCallerIdentityRequest, GetCallerIdentityResponse } from "@aws-sdk/client-sts";
import { read, type ActionContext, type AnyAction } from "../action.ts";
import { roleAccessKeyId, roleName } from "../metadata/role-credentials.ts";

/** Who signed the request: an instance's role when the access key is one its metadata service gave out, else the lab's one user. */
const getCallerIdentity = read<GetCallerIdentityRequest, GetCallerIdentityResponse>("GetCallerIdentity", (_, { cloud, caller }) => {
  const account = cloud.accountId;
  const instance = roleInstance(cloud, caller?.accessKeyId);
  if (instance?.instanceProfile !== undefined) {
    const arn = `arn:aws:sts::${account}:assumed-role/${roleName(instance.instanceProfile)}/${instance.id}`;
    return { Account: account, Arn: arn, UserId: `${roleAccessKeyId(instance).replace(/^ASIA/, "AROA")}:${instance.id}` };
  }
  return { Account: account, Arn: `arn:aws:iam::${account}:user/lab`, UserId: "AIDASLASH28LABUSER0" };
});

function roleInstance(cloud: ActionContext["cloud"], accessKeyId: string | undefined): ReturnType<typeof cloud.view.instance> {
  if (accessKeyId?.startsWith("ASIA") !== true) return undefined;
  return cloud.view.instances().find((instance) => roleAccessKeyId(instance) === accessKeyId);
}

export const STS_ACTIONS: readonly AnyAction[] = [getCallerIdentity];
