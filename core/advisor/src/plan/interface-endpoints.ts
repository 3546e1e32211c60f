/** AWS services that nodes, EKS and the VPC CNI call, and that a VPC without a way to the internet reaches through endpoints of its own (AWS: "Private clusters"). */
export const INTERFACE_ENDPOINTS = ["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "elasticloadbalancing", "logs", "sts"] as const;
