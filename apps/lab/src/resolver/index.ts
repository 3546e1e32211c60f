export { answerVpcName, type VpcNames } from "./answer-vpc-name.ts";
export { serveVpcResolver, VPC_RESOLVER, type NameSource, type VpcResolverOptions } from "./serve-vpc-resolver.ts";
