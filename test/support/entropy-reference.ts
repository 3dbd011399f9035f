// SPDX-License-Identifier: Apache-2.0
/**
 * NIST's own programs for SP 800-90B (`ea_non_iid` and `ea_iid` of
 * github.com/usnistgov/SP800-90B_EntropyAssessment): runs them and reads what they print.
 *
 * They have to be built beforehand; the environment variable SP800_90B_TOOLS names their folder.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The ten estimates in the order of their sections; null where one does not apply. */
export type Estimates = (number | null)[];

/** What the reference tool says about a file. Missing is what it gave up on. */
export interface Expected {
    /** Bits of a sample. */
    bits: number;
    /** SHA-256 of the file. */
    sha256: string;
    /** Why there are no values. */
    refused?: string;
    /** Estimates of the samples. */
    literal?: Estimates;
    /** Estimates of the samples as a string of bits. */
    bitstring?: Estimates;
    /** Bits per sample, min(H_original, bits × H_bitstring). */
    assessed?: number;
    /** The independence test of sections 5.2.1 and 5.2.3: T, degrees of freedom, p-value. */
    independence?: number[];
    /** The goodness-of-fit test of sections 5.2.2 and 5.2.4. */
    goodness?: number[];
    /** The test of section 5.2.5: P_col, W, Pr(X ≥ 1). */
    lrs?: number[];
    /** The 19 permutation statistics of section 5.1 of the samples as they are. */
    statistics?: number[];
    /** Whether chi-square, LRS and permutation tests were passed. */
    passed?: (boolean | null)[];
}

/** What the tool calls the estimates, by section. */
const ESTIMATES = [
    "Most Common Value Estimate", "Collision Estimate", "Markov Estimate", "Compression Estimate",
    "t-Tuple Estimate", "LRS Estimate", "MultiMCW Prediction Estimate",
    "Lag Prediction Estimate", "MultiMMC Prediction Estimate", "LZ78Y Prediction Estimate",
];

/** Runs a program and returns all it prints, also when it breaks off or takes too long. */
const capture = function (program: string, args: string[], seconds: number): Promise<string> {
    return new Promise((resolve, reject) => {
        let output = "";
        const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
        const timer = setTimeout(() => child.kill(), seconds * 1000);
        child.stdout.on("data", (data: Buffer) => (output += data.toString()));
        child.stderr.on("data", (data: Buffer) => (output += data.toString()));
        child.once("error", reject);
        child.once("close", () => {
            clearTimeout(timer);
            resolve(output);
        });
    });
};

const numberAfter = function (output: string, label: string): number | null {
    const at = output.indexOf(`${label} = `);
    return at < 0 ? null : Number.parseFloat(output.slice(at + label.length + 3));
};

const numbersAfter = function (output: string, labels: string[]): number[] | undefined {
    const found = labels.map((label) => numberAfter(output, label));
    return found.every((value) => value !== null) ? found : undefined;
};

const estimatesOf = function (output: string, label: string): Estimates | undefined {
    const all = ESTIMATES.map((name) => numberAfter(output, `${label} ${name}: min entropy`));
    return all.some((value) => value !== null) ? all : undefined;
};

const verdictOf = function (output: string, test: string): boolean | null {
    const [, verdict] = new RegExp(`${test} tests?: (Passed|Failed)`).exec(output) ?? [];
    return verdict === undefined ? null : verdict === "Passed";
};

const readNonIid = function (output: string): Partial<Expected> {
    const refused = /^.*(?:No entropy awarded|Assertion .* failed).*$/m.exec(output)?.[0];
    if (refused) return { refused };
    const literal = estimatesOf(output, "Literal");
    const bitstring = estimatesOf(output, "Bitstring");
    const [, assessed] = /^Assessed min entropy: (\S+)$/m.exec(output) ?? [];
    return {
        ...(literal && { literal }), ...(bitstring && { bitstring }),
        ...(assessed !== undefined && { assessed: Number(assessed) }),
    };
};

const readIid = function (output: string): Partial<Expected> {
    const chi = (name: string): number[] | undefined =>
        numbersAfter(output, ["T", "df", "P-value"].map((v) => `Chi square ${name}: ${v}`));
    const independence = chi("independence");
    const goodness = chi("goodness of fit");
    const lrs = numbersAfter(
        output,
        ["P_col", "W", "Pr(X >= 1)"].map((v) => `Literal Longest Repeated Substring results: ${v}`),
    );
    const statistics = [...output.matchAll(/Unpermuted result \S+ = (\S+)/g)].map((m) => Number(m[1]));
    const tests = ["Chi square", "Length of longest repeated substring", "IID permutation"];
    return {
        ...(independence && { independence }), ...(goodness && { goodness }), ...(lrs && { lrs }),
        ...(statistics.length > 0 && { statistics }),
        passed: tests.map((test) => verdictOf(output, test)),
    };
};

/**
 * Asks both programs about samples.
 *
 * @param tools - the folder with the programs
 * @param patience - seconds after which permutation tests are given up
 */
export const askReference = async function (
    tools: string, samples: Uint8Array, bits: number, patience: number,
): Promise<Omit<Expected, "bits" | "sha256">> {
    const folder = mkdtempSync(join(tmpdir(), "sp800-90b-"));
    try {
        const file = join(folder, "samples.bin");
        writeFileSync(file, samples);
        const ask = (program: string): Promise<string> =>
            capture("stdbuf", ["-oL", join(tools, program), "-vv", file, String(bits)], patience);
        const nonIid = readNonIid(await ask("ea_non_iid"));
        if (nonIid.refused) return nonIid;
        return { ...nonIid, ...readIid(await ask("ea_iid")) };
    } finally {
        rmSync(folder, { recursive: true });
    }
};
