import { asId, macFromBytes, type Id, type Mac } from "@slash28/address";
import { mix32 } from "../addresses/mix.ts";

/** First bytes that EC2's MAC addresses begin with; all are locally administered unicast. */
const MAC_STARTS = [0x02, 0x06, 0x0a, 0x0e, 0x12, 0x16] as const;

/** Makes ids and MACs that look like EC2's and follow from a seed and a count. Two from one mint are never the same. */
export class IdMint {
  readonly #high: number;
  readonly #low: number;
  #count = 0;

  constructor(seed: number) {
    this.#high = mix32(seed ^ 0x51a5_4280);
    this.#low = mix32(seed ^ 0x0e7c_b1d3);
  }

  /** `eni-0` and 16 hexadecimal digits. */
  id<T extends Id<string>>(prefix: string): T {
    const count = ++this.#count;
    return asId<T>(`${prefix}-0${hex(mix32(count ^ this.#high))}${hex(mix32(count ^ this.#low))}`);
  }

  mac(): Mac {
    const count = ++this.#count;
    const low = mix32(count ^ this.#low);
    const high = mix32(count ^ this.#high);
    const start = MAC_STARTS[high % MAC_STARTS.length] ?? MAC_STARTS[0];
    return macFromBytes(Uint8Array.of(start, high >>> 24, low >>> 24, low >>> 16, low >>> 8, low));
  }
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}
