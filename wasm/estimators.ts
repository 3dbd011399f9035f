// SPDX-License-Identifier: Apache-2.0
/**
 * The WebAssembly module of the entropy estimators: one instance for each file of samples.
 *
 * @module
 */
import { makeError } from "../modules/errors.ts";
import { decode } from "./base64.ts";
import { binary } from "./entropy-binary.js";

/** What wasm/assembly/index.ts exports. Truth values are 0 and 1. */
export interface Estimators {
    memory: WebAssembly.Memory;
    allocate(length: number): number;
    prepare(width: number): number;
    alphabetSize(): number;
    estimate(section: number, ofBits: number): number;
    testChiSquare(ofFit: number): number;
    chiSquareScore(): number;
    chiSquareDegrees(): number;
    testLongestRepeat(): number;
    longestRepeat(): number;
    collisionChance(): number;
    beginPermutations(start: bigint): void;
    statistic(index: number): number;
    permute(times: number): number;
    rank(index: number, side: number): number;
    collect(): void;
}

/** Fewer samples than this say next to nothing. */
export const LEAST_SAMPLES = 10_000;

/** Most bits of all samples together, by the 1 GB that the module may use. */
export const MOST_BITS = 16_000_000;

let compiled: Promise<WebAssembly.Module> | undefined;

const abort = function (_message: number, _file: number, line: number, column: number): never {
    throw makeError("ETLS_INTERNAL", `an estimator broke off at ${line}:${column}; please report it`);
};

/** The bits of the largest sample, at least 1. */
export const widthOf = function (samples: Uint8Array): number {
    let all = 1;
    for (const sample of samples) all |= sample;
    return 32 - Math.clz32(all);
};

const check = function (samples: Uint8Array, bits: number): void {
    if (!Number.isInteger(bits) || bits < 1 || bits > 8) {
        throw new RangeError(`bits ${bits} is not a whole number from 1 to 8`);
    }
    if (samples.length < LEAST_SAMPLES) {
        const much = samples.length === 0 ? "no samples" : `only ${samples.length} samples`;
        const need = `at least ${LEAST_SAMPLES} are needed, and 1000000 are asked for by SP 800-90B`;
        throw makeError("ETLS_TOO_FEW_SAMPLES", `${much}, one a byte: ${need}`);
    }
    const most = Math.floor(MOST_BITS / bits);
    if (samples.length > most) {
        const much = `${samples.length} samples of ${bits} bits`;
        throw makeError("ETLS_TOO_MANY_SAMPLES", `${much} are more than can be taken: give ${most}`);
    }
};

/**
 * Starts an instance with samples.
 *
 * @throws RangeError for `bits`; TlsError `ETLS_TOO_FEW_SAMPLES`, `ETLS_TOO_MANY_SAMPLES`,
 * `ETLS_SAMPLE_RANGE`.
 */
export const load = async function (samples: Uint8Array, bits: number): Promise<Estimators> {
    check(samples, bits);
    compiled ??= WebAssembly.compile(decode(binary));
    const instance = await WebAssembly.instantiate(await compiled, { env: { abort } });
    const estimators = instance.exports as unknown as Estimators;
    const address = estimators.allocate(samples.length);
    new Uint8Array(estimators.memory.buffer).set(samples, address);
    const wrong = estimators.prepare(bits);
    if (wrong >= 0) {
        const text = `sample ${wrong} is ${samples[wrong]}, which has more than ${bits} bits`;
        throw makeError("ETLS_SAMPLE_RANGE", `${text}: give bits ${widthOf(samples)}`);
    }
    return estimators;
};
