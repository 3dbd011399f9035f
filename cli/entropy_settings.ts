// SPDX-License-Identifier: Apache-2.0
/**
 * What a port needs to know of its source: native/include/etls_port.h.
 *
 * @module
 */

/** The settings of a source. */
export interface Settings {
    /** Min-entropy to credit to a sample, in 1/16 bit, rounded down. */
    credit: number;
    /** The cut-off of the repetition count test, SP 800-90B section 4.4.1. */
    repetitions: number;
    /** The cut-off of the adaptive proportion test, section 4.4.2. */
    proportion: number;
    /** The samples that the latter looks at, W. */
    window: number;
    /** How the source is declared in C. */
    declaration: string;
}

/** ETLS_CREDIT_STEPS. */
const STEPS = 16;
/** ETLS_ALPHA_BITS: a sound source fails a test once in 2^30. */
const ALPHA_BITS = 30;

/**
 * CRITBINOM(n, p, 1 − 2^−30): the least count that a binomially distributed one exceeds with a
 * chance of at most 2^−30.
 */
const criticalCount = function (n: number, p: number): number {
    let logChance = n * Math.log(p); // of n out of n
    let beyond = 0;
    for (let count = n; count > 0; count -= 1) {
        beyond += Math.exp(logChance);
        if (beyond > 2 ** -ALPHA_BITS) return count;
        logChance += Math.log((count * (1 - p)) / ((n - count + 1) * p));
    }
    return 0;
};

/**
 * The settings for a source.
 *
 * @param minEntropy - of a sample, bits
 * @param bits - in which a sample can differ
 * @returns undefined when there is not even 1/16 bit
 */
export const settingsFor = function (minEntropy: number, bits: number): Settings | undefined {
    const credit = Math.min(Math.floor(minEntropy * STEPS), bits * STEPS);
    if (credit < 1) return undefined;
    const window = bits === 1 ? 1024 : 512;
    const kind = bits === 1 ? "BINARY(\"name\"" : `WIDE("name", ${bits}`;
    return {
        credit,
        repetitions: 1 + Math.ceil((ALPHA_BITS * STEPS) / credit),
        proportion: 1 + criticalCount(window, 2 ** (-credit / STEPS)),
        window,
        declaration: `ETLS_SOURCE_${kind}, ${credit}, 0, poll)`,
    };
};
