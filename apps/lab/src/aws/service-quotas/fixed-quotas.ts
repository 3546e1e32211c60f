import { IAM_QUOTAS } from "@slash28/iam";

/** Quotas of AWS that the lab shows and does not let anyone raise (AWS: quota pages of Amazon VPC, Amazon EKS and IAM). */
export const FIXED_QUOTAS = [
  { serviceCode: "vpc", code: "L-2AEEBF1A", title: "Rules per network ACL", defaultValue: 20 },
  { serviceCode: "vpc", code: "L-BB24F6E5", title: "Network Address Usage", defaultValue: 64_000 },
  { serviceCode: "eks", code: "L-1194D53C", title: "Clusters", defaultValue: 100 },
  { serviceCode: "eks", code: "L-6D54EA21", title: "Managed node groups per cluster", defaultValue: 30 },
  { serviceCode: "eks", code: "L-BD136A63", title: "Nodes per managed node group", defaultValue: 450 },
  { serviceCode: "iam", code: "L-FE177D64", title: "Roles per account", defaultValue: IAM_QUOTAS.roles },
  { serviceCode: "iam", code: "L-858F3967", title: "OpenID connect providers per account", defaultValue: IAM_QUOTAS.oidcProviders },
  { serviceCode: "iam", code: "L-C07B4B0D", title: "Role trust policy length", defaultValue: IAM_QUOTAS.trustPolicyCharacters },
] as const;
