// SPDX-License-Identifier: Apache-2.0
/**
 * The tests of SP 800-90B section 5: whether samples look independent and identically distributed.
 *
 * @module
 */
import { makeError } from "../modules/errors.ts";
import type { AssessOptions } from "./entropy.ts";
import { load, widthOf } from "./estimators.ts";
import type { Estimators } from "./estimators.ts";

/** How samples are to be tested. */
export interface IidOptions extends AssessOptions {
    /** Permutations at most; the standard wants 10,000, the default. */
    permutations?: number | undefined;
    /** 64 bits that decide the permutations, to repeat them; by default chance does. */
    seed?: bigint | undefined;
}

/** A chi-square test. */
export interface ChiSquareResult {
    /** T. */
    score: number;
    /** Degrees of freedom. */
    degrees: number;
    /** The chance of such a score or a higher one. */
    p: number;
    /** Whether that is at least 0.001. */
    passed: boolean;
}

/** The test of the longest repeated substring's length. */
export interface RepeatResult {
    /** That length in samples, W. */
    length: number;
    /** The chance that two samples are equal, P_col. */
    collision: number;
    /** The chance that so long a substring is repeated. */
    p: number;
    /** Whether that is at least 0.001. */
    passed: boolean;
}

/** How a statistic of the samples ranks among those of their permutations. */
export interface StatisticResult {
    /** What SP 800-90B section 5.1 calls it, with its lag. */
    name: string;
    /** Its value for the samples as they are. */
    value: number;
    /** Permutations with a higher value, until that was decided. */
    higher: number;
    /** Permutations with the same value. */
    equal: number;
    /** Permutations with a lower value. */
    lower: number;
    /** Whether more than five permutations are on either side, equal ones on both. */
    passed: boolean;
}

/** What {@link testIid} found. */
export interface IidResult {
    /** The chi-square test of independence, sections 5.2.1 and 5.2.3. */
    independence: ChiSquareResult;
    /** The chi-square test of goodness of fit, sections 5.2.2 and 5.2.4. */
    goodnessOfFit: ChiSquareResult;
    /** The test of the longest repeated substring, section 5.2.5. */
    longestRepeat: RepeatResult;
    /** The permutation tests, section 5.1. */
    statistics: StatisticResult[];
    /** How many permutations were made until all was decided. */
    permutations: number;
    /** What decided the permutations, for option `seed`. */
    seed: bigint;
    /** Whether all tests were passed. */
    passed: boolean;
}

const LAGS = [1, 2, 8, 16, 32];

/** The statistics in the order of the module. */
const STATISTICS = [
    "Excursion", "Number of directional runs", "Length of directional runs",
    "Number of increases and decreases", "Number of runs based on the median",
    "Length of runs based on the median", "Average collision", "Maximum collision",
    ...LAGS.map((lag) => `Periodicity, lag ${lag}`),
    ...LAGS.map((lag) => `Covariance, lag ${lag}`),
    "Compression",
];

const PERMUTATIONS = 10_000;
/** Below this chance a test is failed. */
const LEAST_CHANCE = 0.001;
/** So many permutations on either side are enough. */
const ENOUGH = 5;
/** Samples that are permuted between two reports of progress. */
const BATCH = 500_000;

const chiSquareOf = function (estimators: Estimators, ofFit: boolean): ChiSquareResult {
    const p = estimators.testChiSquare(ofFit ? 1 : 0);
    const score = estimators.chiSquareScore();
    return { score, degrees: estimators.chiSquareDegrees(), p, passed: p >= LEAST_CHANCE };
};

const repeatOf = function (estimators: Estimators): RepeatResult {
    const p = estimators.testLongestRepeat() + 0;
    const length = estimators.longestRepeat();
    return { length, collision: estimators.collisionChance(), p, passed: p >= LEAST_CHANCE };
};

const statisticOf = function (estimators: Estimators, name: string, index: number): StatisticResult {
    const [higher, equal, lower] = [0, 1, 2].map((side) => estimators.rank(index, side)) as
        [number, number, number];
    const passed = higher + equal > ENOUGH && equal + lower > ENOUGH;
    return { name, value: estimators.statistic(index), higher, equal, lower, passed };
};

/** Permutes until all is decided. */
const permute = async function (
    estimators: Estimators, length: number, options: IidOptions,
): Promise<void> {
    const most = options.permutations ?? PERMUTATIONS;
    const batch = Math.max(1, Math.floor(BATCH / length));
    for (let done = 0; done < most; done += batch) {
        const open = estimators.permute(Math.min(batch, most - done));
        estimators.collect();
        if (open === 0) return;
        if (!options.onProgress) continue;
        options.onProgress(Math.min(1, (done + batch) / most));
        await new Promise((resolve) => setTimeout(resolve, 0));
    }
};

/**
 * Tests whether samples look independent and identically distributed (SP 800-90B section 5).
 *
 * A source that passes, and that has good reasons to be such, may be credited with the most
 * common value estimate alone. One that does not takes 10,000 permutations to be told: up to half
 * an hour for 1,000,000 samples of 8 bits.
 *
 * @param samples - one a byte, as they came from the source
 * @throws as `assess`; TlsError `ETLS_CONSTANT_SAMPLES` when all are the same.
 */
export const testIid = async function (
    samples: Uint8Array, options: IidOptions = {},
): Promise<IidResult> {
    const estimators = await load(samples, options.bits ?? widthOf(samples));
    if (estimators.alphabetSize() < 2) {
        const text = `all samples are ${samples[0]}: they hold no entropy, there is nothing to test`;
        throw makeError("ETLS_CONSTANT_SAMPLES", text);
    }
    const seed = options.seed ?? crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n;
    const independence = chiSquareOf(estimators, false);
    const goodnessOfFit = chiSquareOf(estimators, true);
    const longestRepeat = repeatOf(estimators);
    estimators.collect();
    estimators.beginPermutations(seed);
    await permute(estimators, samples.length, options);
    const statistics = STATISTICS.map((name, index) => statisticOf(estimators, name, index));
    // A statistic is no longer counted once it is decided, so the last one tells.
    const counts = statistics.map(({ higher, equal, lower }) => higher + equal + lower);
    return {
        independence, goodnessOfFit, longestRepeat, statistics, permutations: Math.max(...counts), seed,
        passed: [independence, goodnessOfFit, longestRepeat, ...statistics].every((t) => t.passed),
    };
};
