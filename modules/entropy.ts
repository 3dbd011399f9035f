// SPDX-License-Identifier: Apache-2.0
/**
 * What the random generator tells of itself and its sources, and the seed that outlives a restart.
 *
 * @module
 */

import { ENTRY_ENTROPY_ADD, ENTRY_ENTROPY_SAVE, REPORT_ENTROPY } from "./abi.gen.ts";
import type { Values } from "./errors.ts";
import { ERR_ENTROPY_FAILED, ERR_NO_ENTROPY } from "./errors.gen.ts";
import type { Binding } from "./host.ts";
import { parseReport, readReport } from "./report.ts";
import type { Report } from "./report.ts";

/** A noise source, and what its health tests (NIST SP 800-90B section 4.4) have seen. */
export interface EntropySourceState {
    /** Its name, such as `rosc`. */
    name: string;
    /** Bits that a sample can differ in. */
    width: number;
    /** Min-entropy credited to a sample, in 1/16 bit. */
    credit: number;
    /** Samples tested so far. */
    samples: number;
    /** The longest run of equal samples; at `repetitions` the source has failed. */
    longest: number;
    /** Cut-off of the repetition count test. */
    repetitions: number;
    /** The most samples in a window that were equal to its first; at `proportion` the source has failed. */
    most: number;
    /** Cut-off of the adaptive proportion test. */
    proportion: number;
    /** Samples of such a window. */
    window: number;
    /** The test that has failed, empty while none has. */
    failed: string;
}

/** The random generator. */
export interface EntropyState {
    /** How often it was seeded; 0 until the first connection is made. */
    seedings: number;
    /** Credited bits that wait for the next time. */
    bits: number;
    /** Credited bits that this takes. */
    wanted: number;
    /** Index of the source that the last error is about. */
    blamed: number;
    /** Its sources. */
    sources: EntropySourceState[];
}

/** Where a seed is kept over restarts: Storage on a board. */
export interface SeedStore {
    /** The seed that was written last, a binary string; empty or undefined when there is none. */
    read(): string | undefined;
    /** Replaces it. */
    write(seed: string): void;
}

/** Bytes of a saved seed: as strong as the generator. */
export const SEED_SIZE = 32;

const numbers = function (report: Report): Record<string, string | number> {
    const values: Record<string, string | number> = {};
    Object.keys(report).forEach(function (key) {
        const text = report[key] || "";
        values[key] = /^[0-9]+$/.test(text) ? parseInt(text, 10) : text;
    });
    return values;
};

/** Reads the state of the generator and its sources. */
export const entropyState = function (binding: Binding): EntropyState {
    const parts = readReport(binding, 0, REPORT_ENTROPY).split(/\n\n/).map(function (part) {
        return numbers(parseReport(part));
    });
    const state = parts[0] as unknown as EntropyState;
    state.sources = parts.slice(1) as unknown as EntropySourceState[];
    return state;
};

/** Adds what an error about entropy is filled with, if it is one. */
export const addEntropy = function (binding: Binding, errno: number, values: Values): void {
    if (errno !== ERR_NO_ENTROPY && errno !== ERR_ENTROPY_FAILED) return;
    const state = entropyState(binding);
    const source = state.sources[state.blamed];
    values["bits"] = state.bits;
    values["wanted"] = state.wanted;
    values["source"] = source ? source.name : "(none)";
    values["test"] = source ? source.failed : "";
    values["samples"] = source ? source.samples : 0;
};

/**
 * Uses the seed of the last run, once: mixes it in beside fresh samples, with no bits credited, and
 * replaces it before anything is made from it.
 */
export const restoreSeed = function (binding: Binding, store: SeedStore): void {
    const old = store.read() || "";
    if (old) {
        binding.call(ENTRY_ENTROPY_ADD, binding.put(old, 0, SEED_SIZE), SEED_SIZE, 0);
    }
    const address = binding.put(new Uint8Array(SEED_SIZE), 0, SEED_SIZE);
    const error = binding.call(ENTRY_ENTROPY_SAVE, address, SEED_SIZE, 0);
    if (old || error === 0) store.write(error === 0 ? binding.get(address, SEED_SIZE) : "");
    binding.wipe(SEED_SIZE);
};
