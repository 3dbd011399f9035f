// SPDX-License-Identifier: Apache-2.0
/**
 * `espruino-tls entropy assess`: how much entropy recorded samples have.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { reasonOf } from "../modules/errors.ts";
import { assess, testIid } from "../wasm/entropy.ts";
import type { Assessment, IidResult } from "../wasm/entropy.ts";
import { usageError } from "./command.ts";
import type { Arguments, Command, Options } from "./command.ts";
import { jsonOf, reportLines, titleOf } from "./entropy_report.ts";
import type { Findings } from "./entropy_report.ts";
import { settingsFor } from "./entropy_settings.ts";
import { shapeOf } from "./entropy_shape.ts";
import { svgOf } from "./entropy_svg.ts";
import { EXIT } from "./exit.ts";
import { ShareProgress } from "./progress.ts";
import { grouped, paintsFor } from "./terminal.ts";

/** What SP 800-90B section 3.1.1 asks for. */
const WANTED_SAMPLES = 1_000_000;

const OPTIONS: Options = {
    bits: { short: "b", value: "N", help: "Bits of a sample, 1 to 8; by default those of the largest one" },
    iid: {
        help:
            "Test too whether samples are independent and identically distributed;\n" +
            "if they are, only the most common value estimate counts",
    },
    seed: { value: "N", help: "With --iid: what decides the permutations, to repeat them" },
    json: { help: "All facts as JSON on standard output" },
    svg: { value: "FILE", help: "Histogram and autocorrelation as a picture" },
};

/** What is to be done. */
interface Job {
    file: string;
    samples: Uint8Array;
    bits: number | undefined;
    iid: boolean;
    seed: bigint | undefined;
    json: boolean;
    svg: string | undefined;
}

const readBits = function (text: string | undefined): number | undefined {
    if (text === undefined || /^[1-8]$/.test(text)) return text === undefined ? text : Number(text);
    throw usageError(`--bits ${text} is not a whole number from 1 to 8`);
};

const readSeed = function (text: string | undefined): bigint | undefined {
    if (text === undefined) return undefined;
    if (/^\d{1,20}$/.test(text) && BigInt(text) < 2n ** 64n) return BigInt(text);
    throw usageError(`--seed ${text} is not a whole number below 2^64`);
};

const readJob = function (given: Arguments): Job {
    const [file, ...more] = given.positionals;
    if (file === undefined) throw usageError("no file of samples; espruino-tls entropy assess --help");
    if (more.length > 0) throw usageError(`one file at a time: ${more[0]} is too many`);
    const bits = readBits(given.text("bits"));
    const seed = readSeed(given.text("seed"));
    if (seed !== undefined && !given.has("iid")) throw usageError("--seed goes with --iid");
    const job = { file, bits, seed, iid: given.has("iid"), json: given.has("json"), svg: given.text("svg") };
    try {
        return { ...job, samples: readFileSync(file) };
    } catch (error) {
        throw usageError(`cannot read ${file}: ${reasonOf(error)}`);
    }
};

/** Does something with a progress bar. */
const withProgress = async function <T>(
    label: string, work: (onProgress: (share: number) => void) => Promise<T>,
): Promise<T> {
    const progress = new ShareProgress(process.stderr, label);
    try {
        return await work((share) => progress.show(share));
    } finally {
        progress.stop();
    }
};

/** The most common value estimate alone, as section 3.1.3 has it for samples that pass. */
const mostCommonValue = function ({ estimates, bits }: Assessment): number {
    const first = estimates[0];
    return Math.min(first?.samples ?? 0, bits * (first?.bitstring ?? 1));
};

const examine = async function (job: Job): Promise<Findings> {
    const { file, samples, bits, seed } = job;
    const assessment = await withProgress("estimates", (onProgress) =>
        assess(samples, { bits, onProgress }));
    let iid: IidResult | undefined;
    if (job.iid && assessment.values > 1) {
        iid = await withProgress("permutations", (onProgress) =>
            testIid(samples, { bits, seed, onProgress }));
    }
    const credited = iid?.passed ? mostCommonValue(assessment) : assessment.minEntropy;
    const shape = shapeOf(samples, assessment.bits);
    const settings = settingsFor(credited, assessment.bits);
    return { file, assessment, iid, shape, credited, settings };
};

const writePicture = function (path: string, findings: Findings): void {
    try {
        writeFileSync(path, svgOf(titleOf(findings), findings.shape));
    } catch (error) {
        throw usageError(`cannot write ${path}: ${reasonOf(error)}`);
    }
};

const run = async function (given: Arguments): Promise<number> {
    const job = readJob(given);
    const findings = await examine(job);
    const { samples } = findings.assessment;
    if (samples < WANTED_SAMPLES) {
        const few = `${grouped(samples)} samples are few: SP 800-90B asks for ${grouped(WANTED_SAMPLES)}`;
        process.stderr.write(`espruino-tls: warning: ${few}\n`);
    }
    if (job.svg !== undefined) writePicture(job.svg, findings);
    const text = job.json
        ? JSON.stringify(jsonOf(findings), null, 2)
        : reportLines(findings, paintsFor(process.stdout)).join("\n");
    process.stdout.write(`${text}\n`);
    const unfit = findings.settings === undefined || findings.iid?.passed === false;
    return unfit ? EXIT.noEntropy : EXIT.ok;
};

/** The command. */
export const ASSESS: Command = {
    name: "entropy assess",
    summary: "Estimates the min-entropy of recorded noise (SP 800-90B)",
    usage: "FILE [options]",
    options: OPTIONS,
    notes: [
        "FILE has one sample a byte, raw as they came from the source: 1,000,000 of them, as\n" +
            "SP 800-90B section 3.1.1 asks for; 10,000 at least. Prints all ten estimates of section\n" +
            "6.3, of which the least counts, and the settings to put into the port. 1,000,000\n" +
            "samples of 8 bits take some seconds; with --iid, if tests fail, up to half an hour.",
        "Exit codes:\n" +
            "  0  done\n" +
            "  1  no entropy that could be credited, or with --iid a test failed\n" +
            "  2  wrong command line, or a file that cannot be read, used or written",
    ],
    examples: [
        ["espruino-tls entropy assess rosc.bin --bits 1", "One bit a sample, from a ring oscillator"],
        ["espruino-tls entropy assess adc.bin --svg adc.svg --json > adc.json", "For the records"],
    ],
    run,
};
