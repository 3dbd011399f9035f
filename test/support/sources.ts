// SPDX-License-Identifier: Apache-2.0
/**
 * Simulated noise sources, the same in every run.
 *
 * @module
 */
import type { EntropySource } from "../../wasm/loader.ts";

/** Numbers from 0 up to 1 that look random: xorshift32 of George Marsaglia, "Xorshift RNGs", 2003. */
export function uniform(seed: number): () => number {
    let state = seed | 1;
    return () => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return (state >>> 0) / 2 ** 32;
    };
}

/** Bits of which the likelier value has the min-entropy `bits`: probability 2^-bits. */
export function biasedBits(bits: number, seed: number): () => number {
    const next = uniform(seed);
    const likely = 2 ** -bits;
    return () => (next() < likely ? 0 : 1);
}

/** A source of a board, for tests: slow, as it is there, unless `settings` say otherwise. */
export function source(
    sample: () => number,
    settings: Partial<EntropySource> = {},
): EntropySource & { polled: number } {
    const made = {
        name: "rosc",
        width: 1,
        credit: 8,
        fast: false,
        polled: 0,
        poll(samples: Uint8Array): number {
            for (let at = 0; at < samples.length; at += 1) samples[at] = sample();
            made.polled += samples.length;
            return samples.length;
        },
        ...settings,
    };
    return made;
}
