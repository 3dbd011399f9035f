// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Looks at the programs that are there: which are missing, and which are too old.
 */
import { list } from "./report.mjs";
import { findCommand, findVersioned, run } from "./run.mjs";

/** @typedef {import("./pins.mjs").Tool} Tool */

/**
 * A tool that cannot be used as it is. `fault` says why a present one cannot, as a clause; without
 * it the tool is not there at all.
 * @typedef {{ tool: Tool, fault?: string }} Missing
 */

/**
 * @param {Tool[]} tools
 * @returns {Promise<Missing[]>}
 */
export async function findMissing(tools) {
    const checks = await Promise.all(tools.map(check));
    return checks.flatMap((missing) => missing ?? []);
}

/**
 * @param {Tool} tool
 * @returns {Promise<Missing | undefined>} undefined if the tool will do.
 */
async function check(tool) {
    const { command, minimum, versioned, versionArgs = ["--version"] } = tool;
    const path = versioned ? findVersioned(command, Number(minimum)) : findCommand(command);
    if (path === undefined) {
        return { tool };
    }
    if (minimum === undefined) {
        return undefined;
    }
    const version = findVersion((await run(path, versionArgs)).output);
    if (version === undefined) {
        return { tool, fault: `${path} does not tell its version` };
    }
    return compareVersions(version, minimum) >= 0
        ? undefined
        : { tool, fault: `${path} is version ${version}, older than ${minimum}` };
}

/**
 * @param {Missing[]} missing
 * @returns {string} A clause: `emcc and curl are missing`.
 */
export function problems(missing) {
    const absent = missing.filter(({ fault }) => fault === undefined);
    const names = absent.map(({ tool }) => tool.command);
    const faults = missing.flatMap(({ fault }) => fault ?? []);
    if (names.length > 0) {
        faults.push(`${list(names)} ${names.length === 1 ? "is" : "are"} missing`);
    }
    return list(faults);
}

/**
 * The first thing in a text that looks like a version.
 * @param {string} text
 */
export function findVersion(text) {
    return /\d+(?:\.\d+)+/.exec(text)?.[0];
}

/**
 * Compares dotted versions number by number; missing numbers count as 0.
 * @param {string} a
 * @param {string} b
 * @returns {number} Negative, 0 or positive, as `a` is older than, equal to or newer than `b`.
 */
export function compareVersions(a, b) {
    const [left, right] = [a, b].map((version) => version.split(".").map(Number));
    for (let i = 0; i < Math.max(left?.length ?? 0, right?.length ?? 0); i++) {
        const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
        if (difference !== 0) {
            return difference;
        }
    }
    return 0;
}
