// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Runs the compiled tests with mocha and closes with one line that programs can read.
 *
 *     node test/run.mjs [--slow] [--grep TEXT] [--bail] [--timeout MS] [FILE…]
 *
 * Without FILEs it runs all *.test.js below dist/test, with --slow all *.slow.js. The last line is
 * `N passed, N failed` (`, N skipped`); the exit code is 1 when a test failed or none ran. The
 * tests run in a process of their own, so that the line comes even if that one breaks down.
 */
import { fork } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import Mocha from "mocha";

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

const TESTS = fileURLToPath(new URL("../dist/test", import.meta.url));

/** How long what the tests leave open may keep the process from ending, in milliseconds. */
const GRACE = 5000;

if (process.send) {
    await runTests();
} else {
    superviseTests();
}

/** Starts this file again as the process that runs the tests, and counts. */
function superviseTests() {
    /** @type {Counts | undefined} */
    let counts;
    const child = fork(fileURLToPath(import.meta.url), process.argv.slice(2));
    child.once("message", (message) => {
        counts = /** @type {Counts} */ (message);
    });
    child.once("exit", (code, signal) => {
        if (!counts) {
            console.log(`The tests broke off (${signal ?? `exit code ${code}`}).`);
        }
        const { passed, failed, skipped } = counts ?? { passed: 0, failed: 1, skipped: 0 };
        console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`);
        process.exitCode = failed > 0 || passed === 0 || code !== 0 ? 1 : 0;
    });
}

/** Runs the tests and sends the counts to the process that supervises this one. */
async function runTests() {
    const { files, options } = readArguments();
    const mocha = new Mocha(options);
    for (const file of files) {
        mocha.addFile(resolve(file));
    }
    await mocha.loadFilesAsync();
    const runner = mocha.run(() => {
        const { passes = 0, failures = 0, pending = 0 } = runner.stats ?? {};
        process.send?.({ passed: passes, failed: failures, skipped: pending });
        setTimeout(leave, GRACE).unref();
    });
}

function readArguments() {
    const { values, positionals } = parseArgs({
        allowPositionals: true,
        options: {
            slow: { type: "boolean", default: false },
            grep: { type: "string", short: "g" },
            bail: { type: "boolean", short: "b", default: false },
            timeout: { type: "string", short: "t", default: "20000" },
        },
    });
    const grep = values.grep === undefined ? {} : { grep: values.grep };
    return {
        files: positionals.length > 0 ? positionals : findTests(values.slow),
        options: { bail: values.bail, timeout: Number(values.timeout), slow: 2000, ...grep },
    };
}

/** @param {boolean} slow */
function findTests(slow) {
    const ending = slow ? ".slow.js" : ".test.js";
    return readdirSync(TESTS, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(ending))
        .sort()
        .map((name) => join(TESTS, name));
}

/** Ends a process that something keeps alive, and says what. */
function leave() {
    const open = process.getActiveResourcesInfo().filter((name) => !/^(TTY|Pipe)Wrap$/.test(name));
    console.log(`The tests left open: ${open.join(", ")}`);
    process.exit();
}
