// SPDX-License-Identifier: Apache-2.0
// The entropy estimators on files of 1,000,000 samples, on the reference tool's own files, on files
// nobody has seen, and with every index checked.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, it } from "mocha";
import type { Estimators } from "../wasm/estimators.ts";
import { checkIdentity, compare, recordedOf, sameDigits } from "./support/entropy-compare.ts";
import { OWN_FILES } from "./support/entropy-own-files.ts";
import { askReference } from "./support/entropy-reference.ts";
import { LONG, SHORT, makeSamples, readName } from "./support/entropy-samples.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

describe("entropy estimators: 1,000,000 samples", function () {
    this.timeout(300_000);
    for (const name of LONG) {
        it(name, async () => {
            const expected = recordedOf(name);
            const samples = makeSamples(name);
            checkIdentity(samples, expected);
            await compare(samples, expected, 0);
        });
    }
    it("8 bits take at most 60 seconds of one core, and 1 GB", () => {
        const script =
            `import { assess } from ${JSON.stringify(join(ROOT, "dist/wasm/entropy.js"))};` +
            `import { makeSamples } from ${JSON.stringify(join(ROOT, "dist/test/support/entropy-samples.js"))};` +
            `const samples = makeSamples("uniform-8-0-1000000"); const before = process.cpuUsage();` +
            `await assess(samples); const { user, system } = process.cpuUsage(before);` +
            `console.log((user + system) / 1e6, process.resourceUsage().maxRSS * 1024);`;
        const output = execFileSync(process.execPath, ["--input-type=module", "-e", script]).toString();
        const [seconds = Infinity, bytes = Infinity] = output.split(" ").map(Number);
        console.log(`      ${seconds.toFixed(1)} s of processor time, ${(bytes / 1e6).toFixed(0)} MB`);
        assert.ok(seconds <= 60 && bytes <= 1e9);
    });
});

describe("entropy estimators: permutation tests to their end", function () {
    this.timeout(300_000);
    for (const name of SHORT.filter((one) => typeof recordedOf(one).passed?.[2] === "boolean")) {
        it(name, async () => compare(makeSamples(name), recordedOf(name), 10_000));
    }
});

describe("entropy estimators: the reference tool's own files", function () {
    this.timeout(300_000);
    const folder = process.env["SP800_90B_SAMPLES"];
    for (const name of Object.keys(OWN_FILES)) {
        it(name, async function () {
            const file = folder && join(folder, name);
            if (!file || !existsSync(file)) {
                console.log(`      not run: ${name} is not there; SP800_90B_SAMPLES names its folder`);
                return this.skip();
            }
            const samples = readFileSync(file);
            checkIdentity(samples, recordedOf(name));
            await compare(samples, recordedOf(name), 0);
        });
    }
});

describe("entropy estimators: files that nobody has seen", function () {
    this.timeout(300_000);
    const tools = process.env["SP800_90B_TOOLS"];
    const chance = randomBytes(3).toString("hex");
    const kinds = ["uniform-3-0", "biased-8-0.7", "markov-4-0.7", "periodic-2-211", "counter-6-0.3", "text-8-0"];
    for (const kind of kinds) {
        // What follows the length makes other numbers of it.
        const name = `${kind}-20000-${chance}`;
        it(name, async function () {
            if (!tools) {
                console.log("      not run: SP800_90B_TOOLS does not name the folder of ea_non_iid and ea_iid");
                return this.skip();
            }
            const { bits } = readName(name);
            const samples = makeSamples(name);
            const facts = await askReference(tools, samples, bits, 30);
            // Where permutations run into the limit, the rest is compared.
            await compare(samples, { bits, sha256: "", ...facts }, 0);
        });
    }
});

describe("entropy estimators: with every index checked", function () {
    this.timeout(300_000);
    it("no estimator and no test reads or writes beside its arrays", () => {
        execFileSync(process.execPath, [join(ROOT, "wasm/estimators.mjs"), "--checked"]);
        const module = new WebAssembly.Module(readFileSync(join(ROOT, "build/wasm-checked/entropy.wasm")));
        const abort = (_text: number, _file: number, line: number, column: number): never => {
            throw new Error(`index out of range at ${line}:${column}`);
        };
        for (const name of SHORT) {
            const { exports } = new WebAssembly.Instance(module, { env: { abort } });
            const estimators = exports as unknown as Estimators;
            const expected = recordedOf(name);
            const samples = makeSamples(name);
            const address = estimators.allocate(samples.length);
            new Uint8Array(estimators.memory.buffer).set(samples, address);
            assert.equal(estimators.prepare(expected.bits), -1);
            if (expected.refused) continue;
            for (const [index, want] of (expected.literal ?? []).entries()) {
                const found = estimators.estimate(index + 1, 0);
                sameDigits(Number.isNaN(found) ? undefined : found, want, `${name} 6.3.${index + 1}`);
                if (expected.bitstring) estimators.estimate(index + 1, 1);
            }
            estimators.testChiSquare(0);
            estimators.testChiSquare(1);
            estimators.testLongestRepeat();
            estimators.collect();
            estimators.beginPermutations(1n);
            estimators.permute(5);
        }
    });
});
