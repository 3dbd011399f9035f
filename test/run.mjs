// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Runs the compiled tests with mocha and closes with one line that programs can read.
 *
 *     node test/run.mjs [--slow] [--grep TEXT] [--skip TEXT] [--bail] [--timeout MS]
 *                       [--reporter NAME] [--port PORT] [FILE…]
 *
 * Without FILEs it runs all *.test.js below dist/test, with --slow all *.slow.js; without any
 * argument then some of them once more on the core that is built with sanitizers. With --port it runs
 * the shared specs on a board. The last line is
 * `N passed, N failed` (`, N skipped`); the exit code is 1 when a test failed or none ran. The
 * tests run in a process of their own, so that the line comes even if that one breaks down.
 */
import { fork } from "node:child_process";
import { cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import Mocha from "mocha";

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

const TESTS = fileURLToPath(new URL("../dist/test", import.meta.url));

/** Milliseconds that a test has at least on an emulated chip, whatever it says itself. */
const PATIENCE = 1_800_000;

/** How long what the tests leave open may keep the process from ending, in milliseconds. */
const GRACE = 5000;

/**
 * What runs once more with sanitizers: a sample of all that makes the core parse what others send,
 * or calls it wrongly; test/sanitize.slow.ts has the rest. Two lists of about the same time, for two
 * processes; each file's name is `NAME.test.js`.
 */
const SANITIZED = [
    ["abi", "abi-sessions", "arena", "refusals-names", "server-names"],
    ["tampering-peers", "server-abuse", "fragment"],
];

if (process.send) {
    await runTests();
} else {
    await superviseTests();
}

/** Starts this file again as the processes that run the tests, and counts. */
async function superviseTests() {
    const args = process.argv.slice(2);
    const all = [await startTests(args)];
    if (args.length === 0) {
        all.push(...(await runSanitized()));
    }
    const sum = (/** @type {keyof Counts} */ what) => all.reduce((n, counts) => n + counts[what], 0);
    const [passed, failed, skipped] = [sum("passed"), sum("failed"), sum("skipped")];
    console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`);
    process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}

/**
 * @param {string[]} args
 * @param {boolean} [later] Prints what the tests say only when they are done.
 * @returns {Promise<Counts>}
 */
function startTests(args, later = false) {
    return new Promise((done) => {
        /** @type {Counts | undefined} */
        let counts;
        /** @type {Buffer[]} */
        const said = [];
        const child = fork(fileURLToPath(import.meta.url), args, { silent: later });
        child.stdout?.on("data", (chunk) => said.push(chunk));
        child.stderr?.on("data", (chunk) => said.push(chunk));
        child.once("message", (message) => {
            counts = /** @type {Counts} */ (message);
        });
        child.once("close", (code, signal) => {
            process.stdout.write(Buffer.concat(said));
            if (!counts) {
                console.log(`The tests broke off (${signal ?? `exit code ${code}`}).`);
            }
            const { passed, failed, skipped } = counts ?? { passed: 0, failed: 0, skipped: 0 };
            // A process that fails without a test that does is one failure.
            done({ passed, failed: Math.max(failed, code === 0 ? 0 : 1), skipped });
        });
    });
}

/** Runs tests on a copy of dist/ that has the core with sanitizers. */
async function runSanitized() {
    const folder = (/** @type {string} */ name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
    if (!existsSync(folder("build/wasm-sanitize/etls-binary.js"))) {
        console.log("Not run with sanitizers: node wasm/build.mjs --sanitize builds the core for it.");
        return [];
    }
    const copy = folder("build/dist-sanitize");
    rmSync(copy, { recursive: true, force: true });
    cpSync(folder("dist"), copy, { recursive: true });
    cpSync(folder("build/wasm-sanitize"), join(copy, "wasm"), { recursive: true });
    console.log("Once more, with AddressSanitizer and UndefinedBehaviorSanitizer in the core:");
    const options = ["--reporter", "dot", "--timeout", "60000"];
    return Promise.all(
        SANITIZED.map((names) => {
            const files = names.map((name) => join(copy, "test", `${name}.test.js`));
            return startTests([...options, ...files.filter((file) => existsSync(file))], true);
        }),
    );
}

/** Runs the tests and sends the counts to the process that supervises this one. */
async function runTests() {
    const { files, options } = readArguments();
    if (isEmulated()) bePatient();
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

/** Whether the core is to run on an emulated chip. */
function isEmulated() {
    return (process.env["ETLS_HOST"] ?? "wasm") !== "wasm";
}

/** Makes short time-outs of suites and tests longer. */
function bePatient() {
    for (const { prototype } of [Mocha.Suite, Mocha.Runnable]) {
        const { timeout } = prototype;
        Object.assign(prototype, {
            /** @param {number[]} ms */
            timeout(...ms) {
                return Reflect.apply(timeout, this, ms.map((each) => Math.max(each, PATIENCE)));
            },
        });
    }
}

function readArguments() {
    const { values, positionals } = parseArgs({
        allowPositionals: true,
        options: {
            slow: { type: "boolean", default: false },
            grep: { type: "string", short: "g" },
            skip: { type: "string" },
            reporter: { type: "string", default: "spec" },
            bail: { type: "boolean", short: "b", default: false },
            timeout: { type: "string", short: "t", default: "60000" },
            port: { type: "string", short: "p" },
        },
    });
    const { bail, grep, port, reporter, skip, timeout } = values;
    const choice = skip === undefined ? { grep } : { grep: skip, invert: true };
    if (port !== undefined) process.env["ETLS_PORT"] = port;
    const named = positionals.length > 0 ? positionals : findTests(values.slow);
    return {
        files: port === undefined ? named : [join(TESTS, "shared.test.js")],
        options: { bail, reporter, timeout: Number(timeout), slow: 2000, ...choice },
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
