// SPDX-License-Identifier: Apache-2.0
/**
 * The suites once more on a build with AddressSanitizer, for which the arena's free parts are
 * poisoned, and UndefinedBehaviorSanitizer. What they find ends the call that does it.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { sanitized } from "../wasm/etls-binary.js";
import { projectFolder } from "./support/pki.ts";

const run = promisify(execFile);
const root = projectFolder();
const copy = join(root, "build/dist-sanitize");

/** All that makes the core parse what others send, or calls it wrongly. */
const SUITES = [
    "abi", "abi-sessions", "arena", "arena-size", "entropy", "fragment", "identity", "pieces", "protocol", "refusals",
    "refusals-names", "server-abuse", "server-names", "server-policy", "server-role", "sessions", "tampering",
    "tampering-peers", "trust-bundle", "trust-rules", "verify",
];

/** Repeats what was done already, for long. */
const SKIPPED = "500 connections|5 MB";

/** Runs a suite of the copy; returns the last line of what it said. */
async function runSuite(name: string): Promise<string> {
    const file = join(copy, "test", `${name}.test.js`);
    const script = [join(root, "test/run.mjs"), "--timeout", "120000", "--skip", SKIPPED, file];
    const result = await run(process.execPath, script, { maxBuffer: 1 << 26 }).catch(
        (error: { stdout: string }) => error,
    );
    const lines = result.stdout.trimEnd().split("\n");
    const last = lines.at(-1) ?? "";
    if (!/^\d+ passed, 0 failed/.test(last)) console.log(lines.slice(-80).join("\n"));
    return last;
}

(sanitized ? describe.skip : describe)("with sanitizers", function () {
    this.timeout(1200000);

    before(async () => {
        await run(process.execPath, [join(root, "wasm/build.mjs"), "--sanitize"]);
        rmSync(copy, { recursive: true, force: true });
        cpSync(join(root, "dist"), copy, { recursive: true });
        cpSync(join(root, "build/wasm-sanitize"), join(copy, "wasm"), { recursive: true });
    });

    for (const name of SUITES) {
        it(name, async () => {
            const last = await runSuite(name);
            console.log(`      ${last}`);
            assert.match(last, /^[1-9]\d* passed, 0 failed/);
        });
    }
});
