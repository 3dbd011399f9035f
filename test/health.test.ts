// SPDX-License-Identifier: Apache-2.0
/**
 * The health tests of NIST SP 800-90B section 4.4: cut-offs against the standard's formulas, in exact
 * numbers, and alarms of simulated sources against what theory says.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "mocha";
import { entropyState } from "../modules/entropy.ts";
import { openBinding } from "../wasm/binding.ts";
import { PORT } from "./support/abi.ts";
import { projectFolder } from "./support/pki.ts";
import { loadProbe, simulate } from "./support/probe.ts";
import type { Probe } from "./support/probe.ts";
import { source } from "./support/sources.ts";

const BINARY = 1024;
const WIDE = 512;

/* ---- exact: fractions with so many binary places ---- */

const PLACES = 4200n;
const ONE = 1n << PLACES;

const root = (value: bigint): bigint => {
    const scaled = value << PLACES;
    let guess = ONE;
    for (;;) {
        const next = (guess + scaled / guess) >> 1n;
        if (next >= guess) return guess;
        guess = next;
    }
};

/** 2^(-steps / 16). */
const sixteenths = (steps: number): bigint => {
    const step = root(root(root(root(ONE >> 1n))));
    let product = ONE;
    for (let i = 0; i < steps; i += 1) product = (product * step) >> PLACES;
    return product;
};

/** 1 + CRITBINOM(window, p, 1 - 2^-alpha): SP 800-90B section 4.4.2. */
const proportion = (window: number, p: bigint, alpha: bigint): number => {
    let term = ONE; // P(X = k), from the top
    for (let i = 0; i < window; i += 1) term = (term * p) >> PLACES;
    let tail = 0n;
    for (let k = window; k >= 0; k -= 1) {
        tail += term;
        if (tail > ONE >> alpha) return 1 + k;
        term = (term * BigInt(k) * (ONE - p)) / (BigInt(window - k + 1) * p);
    }
    return 0;
};

/* ---- theory ---- */

/** P(X >= least) of a binomial distribution. */
const upper = (n: number, p: number, least: number): number => {
    let logTerm = n * Math.log1p(-p);
    let sum = least <= 0 ? Math.exp(logTerm) : 0;
    for (let k = 1; k <= n; k += 1) {
        logTerm += Math.log((n - k + 1) / k) + Math.log(p) - Math.log1p(-p);
        if (k >= least) sum += Math.exp(logTerm);
    }
    return sum;
};

/** Values and their probabilities: one likely one, and others that are alike. */
interface Source {
    likely: number;
    others: number;
}

const probabilities = ({ likely, others }: Source): number[] => [
    likely, ...Array.from({ length: others }, () => (1 - likely) / others),
];

/** Alarms in a window of the adaptive proportion test. */
const proportionRate = (from: Source, window: number, cutoff: number): number =>
    probabilities(from).reduce((sum, p) => sum + p * upper(window - 1, p, cutoff - 1), 0);

/** Alarms of the repetition count test in a sample, when it begins anew after each. */
const repetitionRate = (from: Source, cutoff: number): number =>
    probabilities(from).reduce((sum, p) => sum + ((1 - p) * p ** cutoff) / (1 - p ** cutoff), 0);

/** A count that should be `expected`, to five standard deviations. */
const assertNear = (count: number, expected: number, deviation: number, what: string): void => {
    const allowed = 5 * deviation + 1;
    assert.ok(Math.abs(count - expected) <= allowed, `${what}: ${count}, expected ${expected} ± ${allowed}`);
};

const OFF = 65535;

describe("health tests", () => {
    let probe: Probe;

    before(async () => {
        probe = await loadProbe();
    });

    describe("cut-offs", () => {
        const header = readFileSync(join(projectFolder(), "native/include/etls_cutoffs.h"), "utf8");
        const rows = (name: string): Map<number, number> => {
            const text = new RegExp(`#define ETLS_PROPORTIONS_${name}\\(ROW\\)((?:.*\\\\\\n)*.*)`).exec(header)?.[1] ?? "";
            return new Map([...text.matchAll(/ROW\((\d+), (\d+)\)/g)].map((match) => [Number(match[1]), Number(match[2])]));
        };

        it("the formula gives the examples of the standard: section 4.4.2, false alarms 2^-20", () => {
            const exact = (h: number): bigint => BigInt(Math.round(2 ** (53 - h))) << (PLACES - 53n);
            const binary = [0.2, 0.4, 0.6, 0.8, 1].map((h) => proportion(BINARY, exact(h), 20n));
            assert.deepEqual(binary, [941, 840, 748, 664, 589]);
            const wide = [0.5, 1, 2, 4, 8].map((h) => proportion(WIDE, exact(h), 20n));
            assert.deepEqual(wide, [410, 311, 177, 62, 13]);
        });

        it("every one of the table, for 2^-30", () => {
            for (const [name, window, most] of [["BINARY", BINARY, 16], ["WIDE", WIDE, 128]] as const) {
                const table = rows(name);
                assert.equal(table.size, most);
                for (let credit = 1; credit <= most; credit += 1) {
                    assert.equal(table.get(credit), proportion(window, sixteenths(credit), 30n), `${name} ${credit}`);
                }
            }
        });

        it("in the core, for both tests", async () => {
            for (const [width, credit] of [[1, 1], [1, 3], [1, 7], [1, 8], [1, 16], [2, 32], [4, 5], [8, 64], [8, 127], [8, 128]] as const) {
                const sources = [source(() => 0, { width, credit })];
                const binding = await openBinding(8192, 0, { ...PORT, sources });
                const [seen] = entropyState(binding).sources;
                binding.close();
                assert.equal(seen?.repetitions, 1 + Math.ceil(30 / (credit / 16)), "section 4.4.1");
                assert.equal(seen?.proportion, rows(width === 1 ? "BINARY" : "WIDE").get(credit));
                assert.equal(seen?.window, width === 1 ? BINARY : WIDE);
            }
        });
    });

    describe("no alarm in 2^26 good samples", () => {
        for (const [width, credit] of [[1, 16], [1, 8], [1, 4], [4, 32], [8, 128]] as const) {
            it(`${width} bits wide, ${credit / 16} credited`, () => {
                const likely = 2 ** -(credit / 16);
                const window = width === 1 ? BINARY : WIDE;
                const tests = {
                    repetitions: 1 + Math.ceil(480 / credit), window,
                    proportion: proportion(window, sixteenths(credit), 30n),
                };
                const found = simulate(probe, tests, 2 ** 26, { likely, others: 2 ** width - 1 });
                assert.deepEqual(
                    [found.repetitions, found.proportions, found.windows], [0, 0, 2 ** 26 / window],
                );
                assert.ok(found.longest > tests.repetitions / 3 && found.most > tests.proportion / 3, "and it was looked");
            }).timeout(60000);
        }
    });

    /** Credits, and sources that have all of it, 80 and 50 hundredths. */
    const CASES = [[1, 16], [1, 8], [1, 4], [2, 16], [4, 32], [8, 64]] as const;

    describe("alarm rates are as theory says", () => {
        for (const [width, credit] of CASES) {
            for (const share of [1, 0.8, 0.5]) {
                for (const alpha of [30, 10]) {
                    it(`${width} bits wide, ${credit / 16} credited, ${share * 100} % of it there, alpha 2^-${alpha}`, () => {
                        const samples = 2 ** 22;
                        const window = width === 1 ? BINARY : WIDE;
                        const bits = credit / 16;
                        const from = { likely: 2 ** -(bits * share), others: 2 ** width - 1 };
                        const repetitions = 1 + Math.ceil(alpha / bits);
                        const cutoff = proportion(window, sixteenths(credit), BigInt(alpha));
                        const runs = simulate(probe, { repetitions, proportion: OFF, window }, samples, from);
                        const rate = repetitionRate(from, repetitions);
                        assertNear(runs.repetitions, samples * rate, Math.sqrt(samples * rate), "repetition count");
                        assert.equal(runs.proportions, 0);
                        const counts = simulate(probe, { repetitions: OFF, proportion: cutoff, window }, samples, from);
                        const windows = counts.windows + counts.proportions;
                        const q = proportionRate(from, window, cutoff);
                        assertNear(counts.proportions, windows * q, Math.sqrt(windows * q * (1 - q)), "adaptive proportion");
                        assert.equal(counts.repetitions, 0);
                        if (share === 1) assert.ok(rate <= 2 ** -alpha && q <= 2 ** -alpha * 2 ** width, "within alpha");
                    });
                }
            }
        }

        it("half of what is credited is noticed within a few windows", () => {
            for (const [width, credit] of CASES) {
                const window = width === 1 ? BINARY : WIDE;
                const from = { likely: 2 ** -(credit / 32), others: 2 ** width - 1 };
                const cutoff = proportion(window, sixteenths(credit), 30n);
                assert.ok(proportionRate(from, window, cutoff) > 0.2, `${width} bits wide, ${credit / 16} credited`);
            }
        });
    });

    describe("patterns", () => {
        it("stuck: the alarm comes at the cut-off, to the sample", () => {
            for (const cutoff of [2, 5, 31, 61, 481]) {
                const tests = { repetitions: cutoff, proportion: OFF, window: BINARY };
                const found = simulate(probe, tests, cutoff * 100, { likely: 1, others: 1 });
                assert.deepEqual([found.first, found.repetitions], [cutoff, 100]);
                const less = simulate(probe, tests, cutoff - 1, { likely: 1, others: 1 });
                assert.equal(less.repetitions, 0);
            }
        });

        it("periodic: the adaptive proportion test notices what comes too often, and nothing else does", () => {
            for (const window of [BINARY, WIDE]) {
                for (const period of [2, 3, 4, 7, 16, 100, 256]) {
                    for (const cutoff of [13, 40, 147, 325, 512]) {
                        const tests = { repetitions: 31, proportion: cutoff, window };
                        const found = simulate(probe, tests, window, { likely: 0, others: 1, period });
                        const often = Math.ceil(window / period) >= cutoff;
                        assert.equal(found.proportions > 0, often, `period ${period}, cut-off ${cutoff}`);
                        if (often) assert.equal(found.first, 1 + (cutoff - 1) * period);
                        assert.equal(found.repetitions, 0);
                    }
                }
            }
        });
    });
});
