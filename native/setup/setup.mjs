// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Sets up everything a goal needs on a Debian or Ubuntu machine that has only Node.js, and builds.
 * What is there already is left as it is. Uses nothing but Node's own modules.
 *
 *     node native/setup/setup.mjs build|demo|test
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureMbedtls } from "./mbedtls.mjs";
import { ensureNpmPackages } from "./npm.mjs";
import { ensurePackages } from "./packages.mjs";
import { SetupError, endOpenLine, say } from "./report.mjs";
import { build } from "./steps.mjs";
import { compareVersions } from "./tools.mjs";

/** @typedef {import("./pins.mjs").Goal} Goal */

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** @type {Goal[]} */
const GOALS = ["build", "demo", "test"];

try {
    const started = performance.now();
    await setUp(readGoal(process.argv.slice(2)));
    say(`ready in ${((performance.now() - started) / 1000).toFixed(1)} s`);
} catch (error) {
    endOpenLine();
    if (!(error instanceof SetupError)) {
        throw error;
    }
    console.error(`set-up failed: ${error.message}`);
    process.exitCode = 1;
}

/** @param {Goal} goal */
async function setUp(goal) {
    checkNode();
    await ensurePackages(ROOT, goal);
    await ensureNpmPackages(ROOT);
    await ensureMbedtls(ROOT);
    await build(ROOT, goal);
}

/**
 * @param {string[]} args
 * @returns {Goal}
 */
function readGoal(args) {
    const goal = GOALS.find((name) => name === args[0]);
    if (goal === undefined || args.length > 1) {
        throw new SetupError(`Say what for: node native/setup/setup.mjs ${GOALS.join("|")}.`);
    }
    return goal;
}

/** The oldest version that will do stands in package.json. */
function checkNode() {
    const { engines } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const minimum = engines.node.replace(">=", "");
    if (compareVersions(process.versions.node, minimum) < 0) {
        throw new SetupError(
            `Node.js ${process.versions.node} is older than ${minimum}: install a newer one.`,
        );
    }
}
