// SPDX-License-Identifier: Apache-2.0
// espruino-tls entropy assess, as a user runs it.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, describe, it } from "mocha";
import { autocorrelationLines, histogramLines } from "../cli/entropy_plots.ts";
import { settingsFor } from "../cli/entropy_settings.ts";
import { shapeOf } from "../cli/entropy_shape.ts";
import { svgOf } from "../cli/entropy_svg.ts";
import { ShareProgress, shareLine } from "../cli/progress.ts";
import { recordedOf, sameDigits } from "./support/entropy-compare.ts";
import { makeSamples } from "./support/entropy-samples.ts";
import { run } from "./support/processes.ts";
import type { Finished } from "./support/processes.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MAIN = fileURLToPath(new URL("../cli/main.js", import.meta.url));

interface Json {
    error?: { code: string };
    minEntropy: number;
    credited: number;
    iid?: { passed: boolean; seed: string; statistics: unknown[] };
    estimates: { section: string; samples?: number; bitstring?: number }[];
    settings: { credit: number; declaration: string } | null;
    histogram: number[];
    autocorrelation: number[];
}

describe("cli: entropy assess", function () {
    this.timeout(60_000);
    let folder = "";
    const path = (name: string): string => join(folder, name);
    const cli = (...args: string[]): Promise<Finished> =>
        run(process.execPath, [MAIN, "entropy", ...args.map((arg) => arg.replace("@", `${folder}/`))]);
    const json = async (...args: string[]): Promise<[Json, number | null]> => {
        const { code, stdout } = await cli(...args, "--json");
        return [JSON.parse(stdout.toString()) as Json, code];
    };

    before(() => {
        folder = mkdtempSync(join(tmpdir(), "etls-entropy-"));
        for (const name of ["uniform-4-0-10000", "markov-1-0.8-10000", "constant-8-77-10000"]) {
            writeFileSync(path(name), makeSamples(name));
        }
        writeFileSync(path("empty"), "");
        writeFileSync(path("short"), Buffer.alloc(9999, 1));
    });
    after(() => rmSync(folder, { recursive: true }));

    it("prints all estimates, the minimum, plots and settings", async () => {
        const { code, stdout, stderr } = await cli("assess", "@uniform-4-0-10000");
        const text = stdout.toString();
        const { assessed = 0, literal = [], bitstring = [] } = recordedOf("uniform-4-0-10000");
        assert.equal(code, 0);
        assert.match(text, /^\S+: 10,000 samples of 4 bits, 16 different values\n/);
        literal.forEach((value, index) => {
            const row = [value, bitstring[index] ?? null].map((one) => one?.toFixed(6) ?? "–").join(" +");
            assert.match(text, new RegExp(`^  6\\.3\\.${index + 1} .* ${row}$`, "m"));
        });
        assert.ok(text.includes(`\n${assessed.toFixed(6)} bits of min-entropy in a sample of 4: `));
        assert.match(text, /Histogram\n(.*│[█▁-▇ ]*\n){8}/);
        assert.match(text, /Autocorrelation .*\n(.*│[█▄▀ ]*\n){4}.*0 ┼─+\n(.*│[█▄▀ ]*\n){4}/);
        const credit = Math.floor(assessed * 16);
        assert.ok(text.includes(`ETLS_SOURCE_WIDE("name", 4, ${credit}, 0, poll)`));
        assert.equal(stderr, "espruino-tls: warning: 10,000 samples are few: SP 800-90B asks for 1,000,000\n");
        assert.doesNotMatch(text, /\x1b/, "no colours where there is no terminal");
    });
    it("gives all facts to programs", async () => {
        const [facts, code] = await json("assess", "@markov-1-0.8-10000", "--bits", "1");
        const { assessed, literal = [] } = recordedOf("markov-1-0.8-10000");
        assert.equal(code, 0);
        sameDigits(facts.minEntropy, assessed, "min-entropy");
        facts.estimates.forEach((one, index) => sameDigits(one.samples, literal[index], one.section));
        assert.equal(facts.histogram.reduce((sum, count) => sum + count), 10_000);
        // A sample is the one before with 0.8, else it is either: their correlation is 0.8.
        assert.ok(Math.abs((facts.autocorrelation[0] ?? 0) - 0.8) < 0.02);
        assert.ok(Math.abs((facts.autocorrelation[1] ?? 0) - 0.64) < 0.03);
        assert.match(facts.settings?.declaration ?? "", /^ETLS_SOURCE_BINARY\("name", \d+, 0, poll\)$/);
    });
    it("credits the most common value once the IID tests are passed", async () => {
        const [facts, code] = await json("assess", "@uniform-4-0-10000", "--iid", "--seed", "1");
        assert.equal(code, 0);
        assert.deepEqual([facts.iid?.passed, facts.iid?.seed, facts.iid?.statistics.length], [true, "1", 19]);
        const { samples = 0, bitstring = 0 } = facts.estimates[0] ?? {};
        assert.equal(facts.credited, Math.min(samples, 4 * bitstring));
        assert.ok(facts.credited > facts.minEntropy);
    });
    it("exit code 1 where there is nothing to credit", async () => {
        const [facts, code] = await json("assess", "@constant-8-77-10000", "--iid");
        assert.deepEqual([code, facts.minEntropy, facts.settings, facts.iid], [1, 0, null, undefined]);
        const { stdout } = await cli("assess", "@constant-8-77-10000");
        assert.match(stdout.toString(), /none: 0\.000000 bits a sample are less than 1\/16/);
    });
    it("writes a picture", async () => {
        assert.equal((await cli("assess", "@uniform-4-0-10000", "--svg", "@a.svg")).code, 0);
        const picture = readFileSync(path("a.svg"), "utf8");
        assert.match(picture, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^]*<\/svg>\n$/);
        assert.equal([...picture.matchAll(/<rect x/g)].length, 16 + 64);
        assert.doesNotMatch(picture, /NaN|Infinity|undefined/);
    });
    const wrong: [args: string, code: string, message: RegExp][] = [
        ["", "ETLS_USAGE", /no command; espruino-tls entropy --help lists/],
        ["asess", "ETLS_USAGE", /unknown command entropy asess; did you mean assess\?/],
        ["--assess", "ETLS_USAGE", /unknown option --assess/],
        ["assess", "ETLS_USAGE", /no file of samples/],
        ["assess @short @empty", "ETLS_USAGE", /one file at a time/],
        ["assess @nothing", "ETLS_USAGE", /cannot read .*nothing: ENOENT/],
        ["assess @", "ETLS_USAGE", /cannot read .*: EISDIR/],
        ["assess @empty", "ETLS_TOO_FEW_SAMPLES", /no samples, one a byte: at least 10000/],
        ["assess @short", "ETLS_TOO_FEW_SAMPLES", /only 9999 samples/],
        ["assess @short --bits 9", "ETLS_USAGE", /--bits 9 is not a whole number from 1 to 8/],
        ["assess @short --bits 1.5", "ETLS_USAGE", /--bits 1.5 is not/],
        ["assess @short -b x", "ETLS_USAGE", /--bits x is not/],
        ["assess @short --seed 1", "ETLS_USAGE", /--seed goes with --iid/],
        ["assess @short --iid --seed -1", "ETLS_USAGE", /--seed/],
        ["assess @uniform-4-0-10000 -b 3", "ETLS_SAMPLE_RANGE", /has more than 3 bits: give bits 4/],
        ["assess @uniform-4-0-10000 --svg @no/a.svg", "ETLS_USAGE", /cannot write .*ENOENT/],
        ["assess @short --jsn", "ETLS_USAGE", /did you mean --json\?/],
    ];
    for (const [args, code, message] of wrong) {
        it(`exit code 2: entropy ${args}`, async () => {
            const finished = await cli(...(args === "" ? [] : args.split(" ")));
            assert.match(finished.stderr, message);
            const last = finished.stderr.trimEnd().split("\n").at(-1) ?? "";
            assert.ok(last.startsWith(`espruino-tls: ${code}: `), last);
            assert.deepEqual([finished.code, finished.stdout.toString()], [2, ""]);
        });
    }
    it("tells errors to programs too", async () => {
        const [{ error }, code] = await json("assess", "@empty");
        assert.deepEqual([error?.code, code], ["ETLS_TOO_FEW_SAMPLES", 2]);
    });
});

describe("cli: entropy, texts and figures", () => {
    /** 1 + CRITBINOM(n, p, 1 − 2^−30) for p = 1 / 2^h, in whole numbers. */
    const exactCutoff = (n: number, h: number): number => {
        const q = (1n << BigInt(h)) - 1n; // (1 − p) × 2^h
        let ways = 1n; // of n out of n, times p^n × 2^(hn)
        let beyond = 0n;
        for (let count = n; count > 0; count -= 1) {
            beyond += ways * q ** BigInt(n - count);
            if (beyond << 30n > 1n << BigInt(h * n)) return 1 + count;
            ways = (ways * BigInt(count)) / BigInt(n - count + 1);
        }
        return 1;
    };
    it("has the cut-offs of SP 800-90B section 4.4", () => {
        const one = settingsFor(1, 1);
        assert.deepEqual([one?.credit, one?.repetitions, one?.window], [16, 31, 1024]);
        assert.equal(one?.proportion, exactCutoff(1024, 1));
        for (let h = 1; h <= 8; h += 1) {
            const settings = settingsFor(h, 8);
            assert.equal(settings?.repetitions, 1 + Math.ceil(30 / h));
            assert.deepEqual([settings?.proportion, settings?.window], [exactCutoff(512, h), 512]);
        }
    });
    it("has the cut-offs that ports are built with", () => {
        const header = readFileSync(join(ROOT, "native/include/etls_cutoffs.h"), "utf8");
        for (const [kind, bits] of [["BINARY", 1], ["WIDE", 8]] as const) {
            const [, table = ""] = new RegExp(`PROPORTIONS_${kind}\\(ROW\\)((?:.*\\\\\n)+.*)`).exec(header) ?? [];
            const rows = [...table.matchAll(/ROW\((\d+), (\d+)\)/g)];
            assert.equal(rows.length, 16 * bits);
            for (const [, credit, cutoff] of rows) {
                const settings = settingsFor(Number(credit) / 16, bits);
                assert.deepEqual([settings?.credit, settings?.proportion], [Number(credit), Number(cutoff)]);
            }
        }
    });
    it("rounds the credit down, and knows too little from little", () => {
        assert.equal(settingsFor(0.99, 1)?.credit, 15);
        assert.equal(settingsFor(1 / 16, 8)?.repetitions, 481);
        assert.equal(settingsFor(1 / 16 - 1e-9, 8), undefined);
        assert.equal(settingsFor(0, 1), undefined);
        assert.equal(settingsFor(8, 8)?.credit, 128);
    });
    it("draws what is there", () => {
        const alternating = Uint8Array.from({ length: 10_000 }, (_, index) => index % 2);
        const shape = shapeOf(alternating, 1);
        assert.deepEqual(shape.histogram, [5000, 5000]);
        const [first, second] = shape.autocorrelation;
        assert.ok(Math.abs((first ?? 0) + 1) < 1e-3 && Math.abs((second ?? 0) - 1) < 1e-3);
        const lines = autocorrelationLines(shape);
        assert.equal(lines[0], `+${lines[0]?.slice(1, 7)} │${" █".repeat(32)}`);
        assert.ok(lines[5]?.endsWith("│" + "█ ".repeat(31) + "█"));
        assert.equal(histogramLines(shape)[0], "5,000 │███████ ███████");
        const rare = Uint8Array.from({ length: 10_000 }, (_, index) => (index === 5 ? 200 : 7));
        assert.match(histogramLines(shapeOf(rare, 8)).at(-3) ?? "", /▁$/, "one sample is seen");
        assert.match(svgOf("<&\"", shape), /<title>&#60;&#38;&#34;<\/title>/);
    });
    it("draws progress on terminals only", () => {
        assert.equal(
            shareLine("estimates", 0.25, 1000), "estimates  25% [######------------------]  3 s left",
        );
        let text = "";
        const write = (more: string): unknown => (text += more);
        const silent = new ShareProgress({ isTTY: false, write }, "x");
        silent.show(0.5);
        silent.stop();
        assert.equal(text, "");
        const progress = new ShareProgress({ isTTY: true, columns: 40, write }, "x");
        progress.show(1);
        progress.stop();
        assert.match(text, /^\rx {3}0% \[-{24}.*\rx 100% \[#{24}\]/);
        assert.ok(text.endsWith("\r\x1b[K"));
        assert.ok(text.split("\r").every((line) => line.replace("\x1b[K", "").length < 40));
    });
});
