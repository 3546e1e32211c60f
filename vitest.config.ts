import { defineConfig } from "vitest/config";
import { LongestFirst } from "./tools/longest-first.ts";

/**
 * Unit tests run without privileges and in seconds; `kernel` tests make network namespaces of their own; `e2e` tests bring up labs, each
 * independent of the others, and wait more than they compute: three files at a time keep two cores busy.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["{core,adapters,apps}/*/test/**/*.test.ts", "{testkit,bench,e2e,simulate,tools}/test/**/*.test.ts"],
          exclude: ["**/*.kernel.test.ts", "**/*.e2e.test.ts", "**/node_modules/**"],
          testTimeout: 20_000,
          // Files share a process and what they import: nothing is mocked, and starting a process per file took more time than the tests.
          isolate: false,
          pool: "forks",
          maxWorkers: "100%",
        },
      },
      {
        test: {
          name: "kernel",
          include: ["**/*.kernel.test.ts"],
          exclude: ["**/node_modules/**"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          pool: "forks",
          // After the others where all are asked for at once: a group of projects has one number of workers.
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "e2e",
          include: ["e2e/test/**/*.e2e.test.ts"],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          maxWorkers: 3,
          // Files share a process and what they import, as unit tests do.
          isolate: false,
          pool: "forks",
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
