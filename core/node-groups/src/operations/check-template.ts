/** Launch parameters under EC2's own names. */
type Data = Readonly<Record<string, unknown>>;

/** What a launch template for a managed node group may not hold, each with EKS's reason (AWS: "Customize managed nodes with launch templates"). */
export function templateFault(data: Data): string | undefined {
  if (data["IamInstanceProfile"] !== undefined) {
    return "Launch template should not specify an instance profile. The noderole in your request will be used to construct an instance profile.";
  }
  if (data["InstanceMarketOptions"] !== undefined) {
    return "Launch template should not specify instance market options. Use capacityType of the node group for Spot Instances.";
  }
  if (data["InstanceInitiatedShutdownBehavior"] !== undefined) return "Launch template should not specify a shutdown behavior.";
  if (data["HibernationOptions"] !== undefined) return "Launch template should not specify a hibernate behavior.";
  const enis = Array.isArray(data["NetworkInterfaces"]) ? (data["NetworkInterfaces"] as readonly unknown[]) : [];
  for (const eni of enis) {
    if (fieldOf(eni, "SubnetId") !== undefined) {
      return "Launch template should not specify a subnet in its network interfaces. The subnets in your request will be used.";
    }
    if (fieldOf(eni, "NetworkInterfaceId") !== undefined)
      return "Launch template should not specify a network interface that exists already.";
  }
  if (enis.length > 0 && (data["SecurityGroupIds"] !== undefined || data["SecurityGroups"] !== undefined)) {
    return "Launch template should not specify security groups both for the instance and for its network interfaces.";
  }
  return undefined;
}

/** The same setting may not stand in the request and in its template. */
export function conflictFault(
  data: Data,
  request: {
    readonly instanceTypes?: readonly string[] | undefined;
    readonly amiType?: string | undefined;
    readonly diskSize?: number | undefined;
    readonly hasRemoteAccess: boolean;
    readonly hasVersion: boolean;
  },
): string | undefined {
  if (request.diskSize !== undefined) return "Disk size must be specified within the launch template.";
  if (request.hasRemoteAccess) return "Remote access configuration cannot be specified with a launch template.";
  if (data["InstanceType"] !== undefined && (request.instanceTypes ?? []).length > 0) {
    return "Instance types must be specified in either the launch template or the request, not both.";
  }
  if (data["ImageId"] === undefined) {
    return request.amiType === "CUSTOM" ? "An AMI type of CUSTOM needs an image id in the launch template." : undefined;
  }
  if (request.amiType !== undefined && request.amiType !== "CUSTOM") {
    return "You cannot specify an AMI Type other than CUSTOM, when specifying an image id in your launch template.";
  }
  return request.hasVersion
    ? "You cannot specify a kubernetes version or a release version when specifying an image id in your launch template."
    : undefined;
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === "object" && value !== null ? (value as Data)[field] : undefined;
}
