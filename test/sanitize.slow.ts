// SPDX-License-Identifier: Apache-2.0
/**
 * The suites once more on a build with AddressSanitizer, for which the arena's free parts are
 * poisoned, and UndefinedBehaviorSanitizer. What they find ends the call that does it.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { sanitized } from "../wasm/etls-binary.js";
import { projectFolder } from "./support/pki.ts";

const run = promisify(execFile);
const root = projectFolder();
const copy = join(root, "build/dist-sanitize");

/** Suites in full, and of the long one a part: the bytes are what matters here, not their number. */
const SUITES = [
    "abi", "abi-sessions", "arena", "fragment", "refusals", "refusals-names", "server-names",
    "server-policy", "tampering", "tampering-peers",
];
const PART = ["protocol", "16385|names what|16 connections"] as const;

/** Runs suites of the copy; returns the last line of what it said. */
async function runSuites(names: readonly string[], more: string[] = []): Promise<string> {
    const files = names.map((name) => join(copy, "test", `${name}.test.js`));
    const script = [join(root, "test/run.mjs"), "--timeout", "120000", ...more, ...files];
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
        for (const name of ["etls-core.js", "etls-binary.js"]) {
            copyFileSync(join(root, "build/wasm-sanitize", name), join(copy, "wasm", name));
        }
    });

    it("negative suites, the ABI, fragments", async () => {
        const last = await runSuites(SUITES);
        console.log(`      ${last}`);
        assert.match(last, /^[1-9]\d+ passed, 0 failed/);
    });

    it("exchanges", async () => {
        const last = await runSuites([PART[0]], ["--grep", PART[1]]);
        console.log(`      ${last}`);
        assert.match(last, /^[1-9]\d* passed, 0 failed/);
    });
});
