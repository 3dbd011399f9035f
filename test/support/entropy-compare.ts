// SPDX-License-Identifier: Apache-2.0
/**
 * Compares our estimates with what NIST's tool says.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { assess, testIid } from "../../wasm/entropy.ts";
import type { IidResult } from "../../wasm/entropy.ts";
import type { Estimates, Expected } from "./entropy-reference.ts";

const FILE = fileURLToPath(new URL("../../../test/data/entropy-reference.json", import.meta.url));

/** What was recorded, by name of file. */
export const RECORDED = (
    JSON.parse(readFileSync(FILE, "utf8")) as { files: { [name: string]: Expected } }
).files;

/** What was recorded of a file. */
export const recordedOf = function (name: string): Expected {
    const expected = RECORDED[name];
    assert.ok(expected, `${name} is not in test/data/entropy-reference.json`);
    return expected;
};

/** Half a unit of the sixth digit. */
const PRECISION = 5e-7;

/** Checks that two numbers have the same six digits; both may be missing. */
export const sameDigits = function (
    actual: number | undefined, expected: number | null | undefined, what: string, slack = 0,
): void {
    if (expected === null || expected === undefined) {
        assert.equal(actual, undefined, `${what}: the reference has none`);
        return;
    }
    assert.ok(actual !== undefined, `${what}: missing, the reference has ${expected}`);
    const difference = Math.abs(actual - expected);
    const text = `${what}: ${actual}, the reference has ${expected}`;
    assert.ok(difference <= Math.max(PRECISION * Math.abs(expected), slack), text);
};

/** All estimates of section 6.3, and the result of them. */
const compareEstimates = async function (samples: Uint8Array, expected: Expected): Promise<void> {
    const found = await assess(samples, { bits: expected.bits });
    const compare = (actual: (number | undefined)[], all: Estimates | undefined, what: string): void =>
        actual.forEach((one, index) => sameDigits(one, all?.[index], `${what} 6.3.${index + 1}`));
    compare(found.estimates.map((one) => one.samples), expected.literal, "samples");
    compare(found.estimates.map((one) => one.bitstring), expected.bitstring, "bits");
    sameDigits(found.minEntropy, expected.assessed, "min-entropy");
};

/** The tests of section 5.2 and the statistics of 5.1 that do not depend on chance. */
const compareTests = function (found: IidResult, expected: Expected): void {
    const chi = [found.independence, found.goodnessOfFit];
    [expected.independence, expected.goodness].forEach((want, test) => {
        const { score, degrees, p } = chi[test] ?? {};
        sameDigits(score, want?.[0], `chi-square ${test}`);
        assert.equal(degrees, want?.[1], `degrees of freedom ${test}`);
        sameDigits(p, want?.[2], `chi-square ${test}, p`);
    });
    if (expected.lrs) {
        sameDigits(found.longestRepeat.collision, expected.lrs[0], "P_col");
        assert.equal(found.longestRepeat.length, expected.lrs[1], "length of the repeat");
        // The tool takes this from 1, which leaves 63 bits after the point.
        sameDigits(found.longestRepeat.p, expected.lrs[2], "Pr(X >= 1)", 2 ** -62);
    }
    expected.statistics?.forEach((value, index) => {
        const { name, value: ours } = found.statistics[index] ?? { name: "?" };
        if (Number.isInteger(value)) assert.equal(ours, value, name);
        else sameDigits(ours, value, name);
    });
    const [chiSquare, repeat] = expected.passed ?? [];
    const passed = chi.every((one) => one.passed);
    if (typeof chiSquare === "boolean") assert.equal(passed, chiSquare, "chi-square verdict");
    if (typeof repeat === "boolean") assert.equal(found.longestRepeat.passed, repeat, "repeat verdict");
};

/** Checks samples against the reference; permutations only as many as are asked for. */
export const compare = async function (
    samples: Uint8Array, expected: Expected, permutations: number,
): Promise<void> {
    if (expected.refused) {
        // "Symbol alphabet consists of 1 symbol. No entropy awarded..."
        assert.equal((await assess(samples, { bits: expected.bits })).minEntropy, 0);
        await assert.rejects(testIid(samples), { code: "ETLS_CONSTANT_SAMPLES" });
        return;
    }
    await compareEstimates(samples, expected);
    if (!expected.independence) return;
    const found = await testIid(samples, { bits: expected.bits, permutations, seed: 1n });
    compareTests(found, expected);
    const verdict = expected.passed?.[2];
    if (permutations === 0 || typeof verdict !== "boolean") return;
    assert.equal(found.statistics.every((one) => one.passed), verdict, "permutation verdict");
};

/** Checks that samples are those that were recorded. */
export const checkIdentity = function (samples: Uint8Array, expected: Expected): void {
    const sha256 = createHash("sha256").update(samples).digest("hex");
    assert.equal(sha256, expected.sha256, "these are not the samples that were recorded");
};
