// SPDX-License-Identifier: Apache-2.0
/**
 * What `espruino-tls entropy assess` prints.
 *
 * @module
 */
import type { Assessment, IidResult } from "../wasm/entropy.ts";
import { autocorrelationLines, histogramLines } from "./entropy_plots.ts";
import type { Settings } from "./entropy_settings.ts";
import type { Shape } from "./entropy_shape.ts";
import { grouped } from "./terminal.ts";
import type { Paints } from "./terminal.ts";

/** All that was found out about a file. */
export interface Findings {
    /** Its name. */
    file: string;
    assessment: Assessment;
    /** With `--iid`. */
    iid: IidResult | undefined;
    shape: Shape;
    /** The min-entropy that may be credited, bits of a sample. */
    credited: number;
    /** Undefined when it is too little. */
    settings: Settings | undefined;
}

const figure = (value: number | undefined): string =>
    (value === undefined ? "–" : value.toFixed(6)).padStart(12);

/** The file in one line. */
export const titleOf = function ({ file, assessment }: Findings): string {
    const { samples, bits, values } = assessment;
    const wide = `${bits} ${bits === 1 ? "bit" : "bits"}`;
    return `${file}: ${grouped(samples)} samples of ${wide}, ${values} different values`;
};

const estimateLines = function (assessment: Assessment, paints: Paints): string[] {
    const head = `${"Min-entropy, SP 800-90B section 6.3".padEnd(44)}${"a sample".padStart(12)}${"a bit".padStart(12)}`;
    const rows = assessment.estimates.map(({ section, name, samples, bitstring }) => {
        const line = `  ${section.padEnd(8)}${name.padEnd(34)}${figure(samples)}${figure(bitstring)}`;
        const lowest = samples === assessment.original || bitstring === assessment.bitstring;
        return lowest && (samples ?? bitstring) !== undefined ? paints.bold(line) : line;
    });
    const { original, bitstring } = assessment;
    return [paints.bold(head), ...rows, `  ${"Minimum".padEnd(42)}${figure(original)}${figure(bitstring)}`];
};

const mark = (passed: boolean, paints: Paints): string =>
    passed ? paints.green("passed") : paints.red("failed");

const chance = (p: number): string => (p < 1e-4 && p > 0 ? p.toExponential(2) : p.toFixed(4));

const iidLines = function (iid: IidResult, paints: Paints): string[] {
    const { independence, goodnessOfFit, longestRepeat } = iid;
    const chi = [["Chi-square, independence", independence], ["Chi-square, goodness of fit", goodnessOfFit]] as const;
    const failed = iid.statistics.filter((one) => !one.passed);
    const all = iid.statistics.length;
    return [
        paints.bold("Independent and identically distributed? SP 800-90B section 5"),
        ...chi.map(([name, { score, degrees, p, passed }]) =>
            `  ${name.padEnd(42)}${mark(passed, paints)}  p = ${chance(p)}, T = ${score.toFixed(2)}, df = ${degrees}`),
        `  ${"Longest repeated substring".padEnd(42)}${mark(longestRepeat.passed, paints)}  ` +
            `p = ${chance(longestRepeat.p)}, ${longestRepeat.length} samples`,
        `  ${"Permutation tests".padEnd(42)}${mark(failed.length === 0, paints)}  ` +
            `${all - failed.length} of ${all}, ${grouped(iid.permutations)} permutations, seed ${iid.seed}`,
        ...failed.map(({ name, value, higher, equal, lower }) =>
            `    ${name.padEnd(40)}${mark(false, paints)}  ${+value.toPrecision(7)}: ` +
            `${higher} higher, ${equal} equal, ${lower} lower`),
    ];
};

const settingsLines = function (findings: Findings, paints: Paints): string[] {
    const { settings, credited } = findings;
    const head = paints.bold("Settings for the port");
    if (!settings) {
        const why = `${credited.toFixed(6)} bits a sample are less than 1/16: this is no source of entropy`;
        return [head, `  ${paints.red("none")}: ${why}`];
    }
    const { credit, repetitions, proportion, window, declaration } = settings;
    return [
        head,
        `  credit                ${credit}  (1/16 bit: ${credit / 16} bits a sample)`,
        `  repetition count      C = ${repetitions}`,
        `  adaptive proportion   C = ${proportion} of W = ${window}`,
        `  false alarms          2^-30 each, SP 800-90B section 4.4`,
        `  ${declaration}`,
    ];
};

/** Where the least estimate comes from. */
const verdictOf = function ({ assessment, iid, credited }: Findings): string {
    const { bits, bitstring, original } = assessment;
    const worst = bitstring !== undefined && bitstring * bits < original;
    const from = iid?.passed
        ? "most common value, the IID tests being passed"
        : worst ? `${bits} × the minimum of a bit` : "the minimum of a sample";
    return `${credited.toFixed(6)} bits of min-entropy in a sample of ${bits}: ${from}`;
};

/** The whole report. */
export const reportLines = function (findings: Findings, paints: Paints): string[] {
    const { assessment, iid, shape } = findings;
    const indent = (line: string): string => `  ${line}`;
    return [
        paints.bold(titleOf(findings)), "",
        ...estimateLines(assessment, paints), "",
        ...(iid ? [...iidLines(iid, paints), ""] : []),
        paints.bold("Histogram"), ...histogramLines(shape).map(indent), "",
        `${paints.bold("Autocorrelation")} (independent samples: 99 % within ±${shape.band.toFixed(4)})`,
        ...autocorrelationLines(shape).map(indent), "",
        paints.bold(verdictOf(findings)), "",
        ...settingsLines(findings, paints),
    ];
};

/** The same for programs. */
export const jsonOf = function (findings: Findings): object {
    const { file, assessment, iid, shape, credited, settings } = findings;
    return {
        file, ...assessment,
        ...(iid ? { iid: { ...iid, seed: String(iid.seed) } } : {}),
        credited, settings: settings ?? null, ...shape,
    };
};
