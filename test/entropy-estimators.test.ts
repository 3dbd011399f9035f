// SPDX-License-Identifier: Apache-2.0
// The entropy estimators against NIST's own programs, whose results stand in
// test/data/entropy-reference.json.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "mocha";
import { assess, testIid } from "../wasm/entropy.ts";
import { LEAST_SAMPLES, MOST_BITS } from "../wasm/estimators.ts";
import { checkIdentity, compare, recordedOf } from "./support/entropy-compare.ts";
import { SHORT, makeSamples, readName } from "./support/entropy-samples.ts";

/** Enough for a statistic that fails; those that pass are decided sooner. */
const PERMUTATIONS = 150;
const TRIED = [
    "uniform-8-0-10000", "biased-4-0.65-10000", "biased-8-0.55-10000", "markov-1-0.8-10000", "periodic-1-7-10000", "counter-8-0.2-10000",
];

describe("entropy estimators", () => {
    for (const name of SHORT) {
        it(`${name}: as the reference tool has it`, async () => {
            const expected = recordedOf(name);
            const samples = makeSamples(name);
            checkIdentity(samples, expected);
            assert.equal(readName(name).bits, expected.bits);
            await compare(samples, expected, TRIED.includes(name) ? PERMUTATIONS : 0);
        });
    }
    it("finds the bits of a sample out", async () => {
        const { bits, values } = await assess(makeSamples("uniform-5-0-10000"));
        assert.deepEqual([bits, values], [5, 32]);
    });
    it("tells how far it is, and ends with all", async () => {
        const shares: number[] = [];
        await assess(makeSamples("uniform-2-0-10000"), { onProgress: (share) => shares.push(share) });
        assert.equal(shares.length, 20);
        assert.deepEqual(shares, [...shares].sort((a, b) => a - b));
        assert.equal(shares.at(-1), 1);
    });
    it("repeats permutations by their seed, and only by it", async () => {
        const samples = makeSamples("uniform-4-0-10000");
        const counts = async (seed: bigint | undefined): Promise<string> => {
            const result = await testIid(samples, { permutations: 20, seed });
            const ranks = result.statistics.map(({ higher, equal, lower }) => [higher, equal, lower]);
            return JSON.stringify(ranks);
        };
        const first = await counts(7n);
        assert.equal(await counts(7n), first);
        assert.notEqual(await counts(8n), first);
        assert.notEqual(await counts(undefined), first);
    });
    it("counts every permutation on one side", async () => {
        const result = await testIid(makeSamples("markov-2-0.6-10000"), { permutations: 30 });
        assert.equal(result.permutations, 30);
        for (const { name, higher, equal, lower, passed } of result.statistics) {
            assert.ok(higher + equal + lower <= 30, name);
            assert.equal(passed, higher + equal > 5 && equal + lower > 5, name);
            if (!passed) assert.equal(higher + equal + lower, 30, name);
        }
        assert.equal(result.passed, false);
    });
});

describe("entropy estimators: compressed sizes as those of bzip2", () => {
    const sizeByBzip2 = (samples: Uint8Array): number => {
        const input = Array.from(samples).join(" ");
        return execFileSync("bzip2", ["-5", "-c"], { input, maxBuffer: 1e8 }).length;
    };
    // Few and many symbols, one code table and six, less than a block and several, repeated rotations.
    const names = [
        "sparse-8-2-10000", "text-8-0-20000", "biased-1-0.99-60000", "periodic-8-5-10000", "counter-8-0-256000",
        "markov-8-0.9-150000", "uniform-7-0-142000", "biased-8-0.99-300000",
    ];
    for (const name of names) {
        it(name, async () => {
            const samples = makeSamples(name);
            const { statistics } = await testIid(samples, { permutations: 0 });
            assert.equal(statistics.at(-1)?.name, "Compression");
            assert.equal(statistics.at(-1)?.value, sizeByBzip2(samples));
        });
    }
});

describe("entropy estimators: what cannot be assessed", () => {
    const samples = makeSamples("uniform-4-0-10000");
    for (const bits of [0, 9, -1, 2.5, Number.NaN]) {
        it(`samples of ${bits} bits`, async () => {
            await assert.rejects(assess(samples, { bits }), RangeError);
            await assert.rejects(testIid(samples, { bits }), RangeError);
        });
    }
    it("samples that have more bits than is said", async () => {
        const late = new Uint8Array(LEAST_SAMPLES).fill(3);
        late[LEAST_SAMPLES - 1] = 4;
        const message = `sample ${LEAST_SAMPLES - 1} is 4, which has more than 2 bits: give bits 3`;
        await assert.rejects(assess(late, { bits: 2 }), { code: "ETLS_SAMPLE_RANGE", message });
        await assert.rejects(testIid(late, { bits: 2 }), { code: "ETLS_SAMPLE_RANGE" });
        await assess(late, { bits: 3 });
    });
    it("no samples, too few, too many", async () => {
        const code = "ETLS_TOO_FEW_SAMPLES";
        await assert.rejects(assess(new Uint8Array(0)), { code });
        await assert.rejects(assess(new Uint8Array(LEAST_SAMPLES - 1)), { code });
        const many = new Uint8Array(MOST_BITS / 8 + 1).fill(255);
        await assert.rejects(assess(many), { code: "ETLS_TOO_MANY_SAMPLES", message: /: give 2000000$/ });
    });
});
