/**
 * Pods that come within this after another one find what that one left: EC2 gives no address sooner. Shorter than it may take, so that the floor is
 * rather too low.
 */
const WINDOW_MS = 300;
/** Pods that may wait without being seen in a 99th percentile. */
const MAY_WAIT_SHARE = 0.01;

/**
 * The fewest idle addresses with which a policy keeps the 99th percentile if it cannot foresee when pods come, even if it knew how many come at once and
 * could choose the pods that wait over all nodes: a floor for pods that come at random, and something to compare with for others.
 *
 * Whoever does not know when pods come has a kth address free at their coming as often as at any time (PASTA: Poisson arrivals see time averages). A
 * node that has it for a share x of the time lets a pod wait in a share 1 - x of the windows with k pods or more. So the floor is the least sum of the
 * x of all nodes and k with which no more than one pod of a hundred waits, and the addresses that save the fewest pods are the ones to do without.
 * @param arrivals when pods came to each node, in order.
 */
export function idleFloor(arrivals: Iterable<readonly number[]>): number {
  let pods = 0;
  const saves: number[] = [];
  for (const times of arrivals) {
    pods += times.length;
    const sizes = windowSizes(times);
    const most = sizes.reduce((a, b) => Math.max(a, b), 0);
    for (let address = 1; address <= most; address++) saves.push(sizes.filter((size) => size >= address).length);
  }
  let left = MAY_WAIT_SHARE * pods;
  let floor = 0;
  for (const saved of saves.sort((a, b) => a - b)) {
    const without = Math.min(saved, left);
    left -= without;
    floor += 1 - without / saved;
  }
  return floor;
}

/** Pods by the windows they came in: each begins with a pod that finds no other one open. */
function windowSizes(times: readonly number[]): readonly number[] {
  const sizes: number[] = [];
  let beganAt = Number.NEGATIVE_INFINITY;
  for (const at of times) {
    const isOpen = at < beganAt + WINDOW_MS;
    if (isOpen) sizes.push((sizes.pop() ?? 0) + 1);
    else {
      beganAt = at;
      sizes.push(1);
    }
  }
  return sizes;
}
