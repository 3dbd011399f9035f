// SPDX-License-Identifier: Apache-2.0
/** A program in an interpreter of Espruino for this machine, from the start until it says that it is done. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Milliseconds until an interpreter that hangs is ended. */
const LIMIT = 300_000;

/**
 * Runs it in a folder with files until it prints DONE or ends; resolves to what follows `@@` in its lines.
 *
 * @throws Error with all that it printed, when it ended before
 */
export const runProgram = function (interpreter: string, program: string, files: Record<string, string>): Promise<string[]> {
    const folder = mkdtempSync(join(tmpdir(), "espruino-"));
    for (const [name, text] of Object.entries({ ...files, "program.js": program })) {
        writeFileSync(join(folder, name), text, "latin1");
    }
    const child = spawn(interpreter, ["program.js"], { cwd: folder, timeout: LIMIT, stdio: ["pipe", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (data: Buffer) => {
        output += data.toString("latin1");
        if (output.includes("DONE")) child.kill();
    });
    return new Promise((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (code, signal) => {
            rmSync(folder, { recursive: true, force: true });
            const lines = [...output.matchAll(/@@ ?(.*)/g)].map(([, line]) => (line ?? "").trim());
            if (output.includes("DONE")) resolve(lines);
            else reject(new Error(`${interpreter} ended (${signal ?? code}) before the program was done:\n${output}`));
        });
    });
};
