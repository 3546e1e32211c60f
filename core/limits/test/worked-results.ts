/** Worked results at CNI 1.18.0. S: secondary addresses, P: prefixes, C: custom networking, PC: both; capped, then raw; reserved MiB for raw S. */
/** One row; see the order of the columns below. */
export interface WorkedResult {
  readonly type: string;
  readonly enis: number;
  readonly addresses: number;
  readonly vcpus: number | undefined;
  readonly expected: readonly number[];
}

export const WORKED_RESULTS: readonly WorkedResult[] = [
  // expected: S, S raw, P, P raw, C, C raw, PC, PC raw, MiB
  { type: "t2.micro", enis: 2, addresses: 2, vcpus: 1, expected: [4, 4, 4, 4, 3, 3, 3, 3, 299] },
  { type: "t2.medium", enis: 3, addresses: 6, vcpus: 2, expected: [17, 17, 17, 17, 12, 12, 12, 12, 442] },
  { type: "t2.large", enis: 3, addresses: 12, vcpus: 2, expected: [35, 35, 35, 35, 24, 24, 24, 24, 640] },
  { type: "t2.xlarge", enis: 3, addresses: 15, vcpus: 4, expected: [44, 44, 44, 44, 30, 30, 30, 30, 739] },
  { type: "t3.nano", enis: 2, addresses: 2, vcpus: 2, expected: [4, 4, 34, 34, 3, 3, 18, 18, 299] },
  { type: "t3.micro", enis: 2, addresses: 2, vcpus: 2, expected: [4, 4, 34, 34, 3, 3, 18, 18, 299] },
  { type: "t3.small", enis: 3, addresses: 4, vcpus: 2, expected: [11, 11, 110, 146, 8, 8, 98, 98, 376] },
  { type: "t3.medium", enis: 3, addresses: 6, vcpus: 2, expected: [17, 17, 110, 242, 12, 12, 110, 162, 442] },
  { type: "t3.large", enis: 3, addresses: 12, vcpus: 2, expected: [35, 35, 110, 530, 24, 24, 110, 354, 640] },
  { type: "t3.xlarge", enis: 4, addresses: 15, vcpus: 4, expected: [58, 58, 110, 898, 44, 44, 110, 674, 893] },
  { type: "t4g.medium", enis: 3, addresses: 6, vcpus: 2, expected: [17, 17, 110, 242, 12, 12, 110, 162, 442] },
  { type: "m4.xlarge", enis: 4, addresses: 15, vcpus: 4, expected: [58, 58, 58, 58, 44, 44, 44, 44, 893] },
  { type: "m4.16xlarge", enis: 8, addresses: 30, vcpus: 64, expected: [234, 234, 234, 234, 205, 205, 205, 205, 2829] },
  { type: "m5.large", enis: 3, addresses: 10, vcpus: 2, expected: [29, 29, 110, 434, 20, 20, 110, 290, 574] },
  { type: "m5.xlarge", enis: 4, addresses: 15, vcpus: 4, expected: [58, 58, 110, 898, 44, 44, 110, 674, 893] },
  { type: "m5.2xlarge", enis: 4, addresses: 15, vcpus: 8, expected: [58, 58, 110, 898, 44, 44, 110, 674, 893] },
  { type: "m5.4xlarge", enis: 8, addresses: 30, vcpus: 16, expected: [110, 234, 110, 3714, 110, 205, 110, 3250, 2829] },
  { type: "m5.8xlarge", enis: 8, addresses: 30, vcpus: 32, expected: [234, 234, 250, 3714, 205, 205, 250, 3250, 2829] },
  { type: "m5.12xlarge", enis: 8, addresses: 30, vcpus: 48, expected: [234, 234, 250, 3714, 205, 205, 250, 3250, 2829] },
  { type: "m5.24xlarge", enis: 15, addresses: 50, vcpus: 96, expected: [250, 737, 250, 11762, 250, 688, 250, 10978, 8362] },
  { type: "m5.metal", enis: 15, addresses: 50, vcpus: 96, expected: [250, 737, 250, 737, 250, 688, 250, 688, 8362] },
  { type: "c5.large", enis: 3, addresses: 10, vcpus: 2, expected: [29, 29, 110, 434, 20, 20, 110, 290, 574] },
  { type: "c5.xlarge", enis: 4, addresses: 15, vcpus: 4, expected: [58, 58, 110, 898, 44, 44, 110, 674, 893] },
  { type: "c5.4xlarge", enis: 8, addresses: 30, vcpus: 16, expected: [110, 234, 110, 3714, 110, 205, 110, 3250, 2829] },
  { type: "c5.9xlarge", enis: 8, addresses: 30, vcpus: 36, expected: [234, 234, 250, 3714, 205, 205, 250, 3250, 2829] },
  { type: "c5.18xlarge", enis: 15, addresses: 50, vcpus: 72, expected: [250, 737, 250, 11762, 250, 688, 250, 10978, 8362] },
  { type: "r5.large", enis: 3, addresses: 10, vcpus: 2, expected: [29, 29, 110, 434, 20, 20, 110, 290, 574] },
  { type: "m6g.medium", enis: 2, addresses: 4, vcpus: 1, expected: [8, 8, 98, 98, 5, 5, 50, 50, 343] },
  { type: "c7g.medium", enis: 2, addresses: 4, vcpus: 1, expected: [8, 8, 98, 98, 5, 5, 50, 50, 343] },
  { type: "c6g.metal", enis: 15, addresses: 50, vcpus: 64, expected: [250, 737, 250, 737, 250, 688, 250, 688, 8362] },
  { type: "m7i.48xlarge", enis: 15, addresses: 50, vcpus: 192, expected: [250, 737, 250, 11762, 250, 688, 250, 10978, 8362] },
  { type: "c6in.32xlarge", enis: 8, addresses: 50, vcpus: 128, expected: [250, 394, 250, 6274, 250, 345, 250, 5490, 4589] },
  { type: "m7i-flex.large", enis: 3, addresses: 10, vcpus: 2, expected: [29, 29, 110, 434, 20, 20, 110, 290, 574] },
  { type: "g4dn.xlarge", enis: 3, addresses: 10, vcpus: 4, expected: [29, 29, 110, 434, 20, 20, 110, 290, 574] },
  { type: "g5.48xlarge", enis: 7, addresses: 50, vcpus: 192, expected: [250, 345, 250, 5490, 250, 296, 250, 4706, 4050] },
  { type: "g6e.48xlarge", enis: 10, addresses: 50, vcpus: 192, expected: [250, 492, 250, 7842, 250, 443, 250, 7058, 5667] },
  { type: "inf1.24xlarge", enis: 11, addresses: 30, vcpus: 96, expected: [250, 321, 250, 5106, 250, 292, 250, 4642, 3786] },
  { type: "trn1.32xlarge", enis: 5, addresses: 50, vcpus: 128, expected: [247, 247, 250, 3922, 198, 198, 250, 3138, 2972] },
  { type: "p3.16xlarge", enis: 8, addresses: 30, vcpus: 64, expected: [234, 234, 234, 234, 205, 205, 205, 205, 2829] },
  { type: "p4d.24xlarge", enis: 15, addresses: 50, vcpus: 96, expected: [250, 737, 250, 11762, 250, 688, 250, 10978, 8362] },
  { type: "p5.48xlarge", enis: 2, addresses: 50, vcpus: 192, expected: [100, 100, 250, 1570, 51, 51, 250, 786, 1355] },
  { type: "p5en.48xlarge", enis: 4, addresses: 50, vcpus: 192, expected: [198, 198, 250, 3138, 149, 149, 250, 2354, 2433] },
  { type: "p6-b200.48xlarge", enis: 4, addresses: 50, vcpus: 192, expected: [198, 198, 250, 3138, 149, 149, 250, 2354, 2433] },
  { type: "hpc6id.32xlarge", enis: 1, addresses: 50, vcpus: 64, expected: [51, 51, 250, 786, 2, 2, 2, 2, 816] },
  { type: "u-6tb1.metal", enis: 5, addresses: 30, vcpus: undefined, expected: [110, 147, 110, 147, 110, 118, 110, 118, 1872] },
  { type: "u7in-24tb.224xlarge", enis: 8, addresses: 50, vcpus: 896, expected: [250, 394, 250, 6274, 250, 345, 250, 5490, 4589] },
  { type: "mac2.metal", enis: 8, addresses: 30, vcpus: 8, expected: [110, 234, 110, 234, 110, 205, 110, 205, 2829] },
];
