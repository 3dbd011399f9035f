// SPDX-License-Identifier: Apache-2.0
/**
 * How much entropy noise has: the estimators of NIST SP 800-90B section 6.3 and the tests of
 * section 5, on recorded samples.
 *
 * @module
 */
import { load, widthOf } from "./estimators.ts";
import type { Estimators } from "./estimators.ts";

/** How samples are to be assessed. */
export interface AssessOptions {
    /** Bits of a sample, 1 to 8; by default those of the largest sample. */
    bits?: number | undefined;
    /** Told after every step which share of the work is done, 0 to 1. */
    onProgress?: ((share: number) => void) | undefined;
}

/** One of the ten estimates. */
export interface Estimate {
    /** What SP 800-90B calls it, such as `Collision`. */
    name: string;
    /** Its section, such as `6.3.2`. */
    section: string;
    /** Min-entropy of a sample, bits; undefined where the estimate is not for such samples. */
    samples: number | undefined;
    /** Min-entropy of a bit of the samples as a string of bits; undefined for one or two values. */
    bitstring: number | undefined;
}

/** What {@link assess} found. */
export interface Assessment {
    /** How many samples. */
    samples: number;
    /** Bits of a sample. */
    bits: number;
    /** How many different values occur. */
    values: number;
    /** All ten estimates, in the order of the standard. */
    estimates: Estimate[];
    /** The least estimate of the samples, H_original. */
    original: number;
    /** The least estimate of the string of bits, H_bitstring. */
    bitstring: number | undefined;
    /** Bits of min-entropy of a sample: the least of H_original and bits × H_bitstring. */
    minEntropy: number;
}

/** The estimates by section, and what each costs, in about nanoseconds for a bit and a sample. */
const SECTIONS: [name: string, costOfBit: number, costOfSample: number][] = [
    ["Most common value", 2, 4], ["Collision", 2, 2], ["Markov", 2, 2], ["Compression", 8, 8],
    ["t-tuple", 400, 200], ["Longest repeated substring", 1, 1],
    ["Multi most common in window", 165, 70], ["Lag", 250, 60],
    ["Multi Markov model with counting", 360, 1500], ["LZ78Y", 180, 300],
];

/** Lets timers and drawing have their turn. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** Only the most common value says something of a single value: that there is no entropy. */
const isMeant = (section: number, values: number): boolean => values > 1 || section === 1;

/** The least of some estimates, not more than `most`. */
const least = function (most: number, estimates: (number | undefined)[]): number {
    return Math.min(most, ...estimates.filter((one) => one !== undefined));
};

/** Counts work done and tells it. */
class Work {
    private done = 0;
    private readonly total: number;
    private readonly tell: ((share: number) => void) | undefined;

    constructor(total: number, options: AssessOptions) {
        this.total = total;
        this.tell = options.onProgress;
    }

    async add(cost: number): Promise<void> {
        this.done += cost;
        if (!this.tell) return;
        this.tell(Math.min(1, this.done / this.total));
        await pause();
    }
}

const estimateOne = function (
    estimators: Estimators, section: number, ofBits: boolean,
): number | undefined {
    if (!isMeant(section, estimators.alphabetSize())) return undefined;
    const value = estimators.estimate(section, ofBits ? 1 : 0);
    // Section 6.3.6 goes on with what 6.3.5 has found.
    if (section !== 5) estimators.collect();
    return Number.isNaN(value) ? undefined : value + 0; // no negative zero
};

/** All estimates of the samples, or of their bits. */
const estimateAll = async function (
    estimators: Estimators, ofBits: boolean, length: number, work: Work,
): Promise<(number | undefined)[]> {
    const found: (number | undefined)[] = [];
    for (const [index, [, costOfBit, costOfSample]] of SECTIONS.entries()) {
        found.push(estimateOne(estimators, index + 1, ofBits));
        await work.add(length * (ofBits ? costOfBit : costOfSample));
    }
    return found;
};

const sumOf = (column: 1 | 2): number => SECTIONS.reduce((sum, row) => sum + row[column], 0);

/**
 * Estimates the min-entropy of samples by all methods of SP 800-90B section 6.3, of which the
 * least counts (the track for sources that are not independent and identically distributed,
 * sections 3.1.3 and 6.2).
 *
 * Takes about 5 seconds and 220 MB for 1,000,000 samples of 8 bits.
 *
 * @param samples - one a byte, as they came from the source; 10,000 at least, the standard asks
 * for 1,000,000
 * @throws RangeError for `bits`; TlsError `ETLS_TOO_FEW_SAMPLES`, `ETLS_TOO_MANY_SAMPLES`,
 * `ETLS_SAMPLE_RANGE`.
 */
export const assess = async function (
    samples: Uint8Array, options: AssessOptions = {},
): Promise<Assessment> {
    const bits = options.bits ?? widthOf(samples);
    const estimators = await load(samples, bits);
    const values = estimators.alphabetSize();
    const withBits = values > 2;
    const length = samples.length;
    const cost = length * (sumOf(2) + (withBits ? bits * sumOf(1) : 0));
    const work = new Work(cost, options);
    const none = SECTIONS.map(() => undefined);
    const ofBits = withBits ? await estimateAll(estimators, true, length * bits, work) : none;
    const ofSamples = await estimateAll(estimators, false, length, work);
    const original = least(bits, ofSamples);
    const bitstring = withBits ? least(1, ofBits) : undefined;
    return {
        samples: length, bits, values,
        estimates: SECTIONS.map(([name], index) => ({
            name, section: `6.3.${index + 1}`,
            samples: ofSamples[index], bitstring: ofBits[index],
        })),
        original, bitstring,
        minEntropy: Math.min(original, bits * (bitstring ?? 1)),
    };
};

export { testIid } from "./entropy_iid.ts";
export type { ChiSquareResult, IidOptions, IidResult, RepeatResult, StatisticResult } from "./entropy_iid.ts";
