import type { FleetResult, PeakAndAverage } from "@slash28/fleet";
import { countText, millisText, shareText } from "../simulate/quantities.ts";
import { markup, type Html } from "./html.ts";

/** The numbers behind the charts. */
export function holdingsTable({ summary, nodeGroups }: FleetResult): Html {
  const pair = ({ peak, average }: PeakAndAverage): Html =>
    markup`<td>${countText(peak)}</td>
      <td>${countText(average)}</td>`;
  const rows = [...summary.subnets, ...nodeGroups.map((group) => ({ ...group, name: `group ${group.name}` }))];
  return markup`<div class="wide">
    <table>
      <thead>
        <tr>
          <th>addresses for pods</th>
          ${["held", "assigned", "idle", "cooling"].map(
            (state) =>
              markup`<th>${state},<br />peak</th>
                <th>average</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ name, held, assigned, idle, cooling }) =>
            markup`<tr>
              <td>${name}</td>
              ${[held, assigned, idle, cooling].map(pair)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

export function subnetsTable({ summary: { subnets } }: FleetResult): Html {
  return markup`<div class="wide">
    <table>
      <thead>
        <tr>
          <th>subnet</th>
          <th class="text">zone</th>
          <th class="text">CIDR</th>
          <th>usable</th>
          <th>of others</th>
          <th>used, peak</th>
          <th></th>
          <th>used, average</th>
          <th>free, least</th>
          <th>free, end</th>
        </tr>
      </thead>
      <tbody>
        ${subnets.map(
          (subnet) =>
            markup`<tr>
              <td>${subnet.name}</td>
              <td class="text">${subnet.zone}</td>
              <td class="text">${subnet.cidr}</td>
              <td>${countText(subnet.usable)}</td>
              <td>${countText(subnet.otherTenants)}</td>
              <td>${countText(subnet.peakUsed)}</td>
              <td>${shareText(subnet.peakUsedShare)}</td>
              <td>${countText(subnet.averageUsed)}</td>
              <td>${countText(subnet.leastFree)}</td>
              <td>${countText(subnet.free)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

export function callsTable({ summary: { ec2Calls } }: FleetResult): Html {
  return markup`<div class="wide">
    <table>
      <thead>
        <tr>
          <th>EC2 action</th>
          <th>sent</th>
          <th>throttled</th>
          <th>refused</th>
        </tr>
      </thead>
      <tbody>
        ${Object.entries(ec2Calls.byAction).map(
          ([action, { total, throttled, refused }]) =>
            markup`<tr>
              <td>${action}</td>
              <td>${countText(total)}</td>
              <td>${countText(throttled)}</td>
              <td>${countText(refused)}</td>
            </tr>`,
        )}
        <tr>
          <td>all</td>
          <td>${countText(ec2Calls.total)}</td>
          <td>${countText(ec2Calls.throttled)}</td>
          <td></td>
        </tr>
      </tbody>
    </table>
  </div>`;
}

interface Tile {
  readonly label: string;
  readonly value: string;
  readonly note: string;
}

/** The few numbers that most readers look for. */
export function tiles({ summary }: FleetResult): Html {
  const { podsNeverStarted, podsWaitingAtEnd, podsDelayedByAddresses, podsStarted, averageHeld, averageIdle, ec2Calls, nodes, podStartMs } =
    summary;
  const wanted = podsStarted + podsNeverStarted;
  const shown: readonly Tile[] = [
    { label: "Pods started", value: countText(podsStarted), note: `${countText(podsNeverStarted)} never did` },
    {
      label: "Waited for an address",
      value: countText(podsDelayedByAddresses),
      note:
        wanted === 0
          ? "no pod was wanted"
          : `${shareText(podsDelayedByAddresses / wanted)} of all; ${countText(podsWaitingAtEnd)} still do`,
    },
    { label: "Pod start, p99", value: millisText(podStartMs.p99), note: `half within ${millisText(podStartMs.p50)}` },
    { label: "Addresses held, peak", value: countText(summary.peakHeld), note: `${countText(averageHeld)} on average` },
    {
      label: "Idle, average",
      value: countText(averageIdle),
      note: averageHeld === 0 ? "nothing held" : `${shareText(averageIdle / averageHeld)} of those held`,
    },
    { label: "EC2 calls", value: countText(ec2Calls.total), note: `${shareText(ec2Calls.throttledShare)} throttled` },
    { label: "Nodes, peak", value: countText(nodes.peak), note: `ready after ${millisText(nodes.readyMs.p99)} (p99)` },
    {
      label: "Pinned by fragmentation",
      value: countText(summary.peakAddressesPinnedByFragmentation),
      note: `at most; ${countText(summary.addressesPinnedByFragmentation)} at the end`,
    },
  ];
  return markup`<dl class="tiles">
    ${shown.map(
      ({ label, value, note }) =>
        markup`<div>
          <dt>${label}</dt>
          <dd class="value">${value}</dd>
          <dd class="soft">${note}</dd>
        </div>`,
    )}
  </dl>`;
}
