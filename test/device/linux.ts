// SPDX-License-Identifier: Apache-2.0
/**
 * Espruino for 32-bit ARM Linux, named by the environment variable `ESPRUINO_ARM`: blocks of 14 bytes and
 * a heap as on the Pico, a flash file that is mapped executable, and the real sockets, files and serial
 * devices of this machine. The native core is the image of the RP2040 with another source of entropy.
 */
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Context } from "mocha";
import { Tether } from "../../cli/board/tether.ts";
import { readImage } from "../../native/image/image.ts";
import { readImageFile } from "../support/host.ts";
import { peerEnvironment } from "../support/processes.ts";
import { builtScripts, ROOT } from "./tools.ts";

/** The path of the interpreter; undefined: it is not there. */
const ESPRUINO_ARM = process.env["ESPRUINO_ARM"];

/** Skips tests, and says why, where it is not named. */
export const skipWithoutArm = function (context: Context): void {
    if (ESPRUINO_ARM !== undefined) return;
    console.log("Tests on 32-bit ARM Linux were not run: the environment variable ESPRUINO_ARM does not name the interpreter.");
    context.skip();
};

/** Its name for the file that is its flash, in its folder. */
const FLASH = "espruino.flash";

/** Milliseconds until an interpreter that hangs is ended: it runs in an emulator on a busy machine. */
const LIMIT = 300_000;

/** Puts the files given on the command line into Storage, in pieces. */
const INSTALL = `
var s = require("Storage");
JSON.parse(require("fs").readFileSync("list.json")).forEach(function (entry) {
    var f = E.openFile(entry.file, "r"), at = 0, d;
    while ((d = f.read(1024)) !== undefined && d.length) { s.write(entry.name, d, at, entry.size); at += d.length; }
    f.close();
});
print("@@" + E.getAddressOf(s.read("tls-image"), true));
quit();
`;

/** An interpreter with our modules and the native core in its Storage. */
export class LinuxBoard {
    private readonly flash: string;
    private readonly folders: string[] = [];
    private readonly running: Set<ChildProcess> = new Set();

    /** Builds the image, and a flash that every program begins with. */
    constructor() {
        execFileSync(process.execPath, [fileURLToPath(new URL("native/image/build.mjs", ROOT)), "linux-full"]);
        const folder = this.folder();
        const image = readImageFile("linux");
        const files: [string, Uint8Array][] = [
            ["tls-image", image],
            ...builtScripts().map(({ name, code }): [string, Uint8Array] => [name, Buffer.from(code, "latin1")]),
        ];
        const list = files.map(([name, data], index) => {
            writeFileSync(join(folder, `file${index}`), data);
            return { name, file: `file${index}`, size: data.length };
        });
        writeFileSync(join(folder, "list.json"), JSON.stringify(list));
        writeFileSync(join(folder, "install.js"), INSTALL);
        const output = execFileSync(ESPRUINO_ARM as string, ["install.js"], { cwd: folder, encoding: "latin1" });
        const address = Number(/@@(\d+)/.exec(output)?.[1]);
        if (address !== readImage(image).address) throw new Error(`the image lies at ${address}\n${output}`);
        this.flash = join(folder, FLASH);
    }

    private folder(): string {
        const folder = mkdtempSync(join(tmpdir(), "espruino-arm-"));
        this.folders.push(folder);
        return folder;
    }

    /**
     * Runs a program until it prints DONE or the interpreter ends. Files are in its working folder.
     * Resolves to the rest of the lines with `@@`. The console is served as `espruino-tls tether` does.
     */
    run(program: string, files: Record<string, string | Uint8Array> = {}): Promise<string[]> {
        const folder = this.folder();
        copyFileSync(this.flash, join(folder, FLASH));
        for (const [name, data] of Object.entries(files)) writeFileSync(join(folder, name), data);
        writeFileSync(join(folder, "program.js"), program, "latin1");
        const options = { cwd: folder, env: { ...peerEnvironment, TZ: "UTC" }, timeout: LIMIT } as const;
        const child = spawn(ESPRUINO_ARM as string, ["program.js"], { ...options, stdio: ["pipe", "pipe", "inherit"] });
        this.running.add(child);
        child.stdin.on("error", () => undefined);
        const cable = { type: (text: string) => Promise.resolve(void child.stdin.write(text)), onTether: (_: string): void => undefined };
        const tether = new Tether(cable);
        let output = "";
        let seen = 0;
        child.stdout.on("data", (data: Buffer) => {
            output += data.toString("latin1");
            for (const found of output.slice(seen).matchAll(/\x01tls ([^\r\n]*)\r?\n/g)) {
                cable.onTether(found[1] ?? "");
                seen = output.indexOf(found[0], seen) + found[0].length;
            }
            if (output.includes("DONE")) child.kill();
        });
        return new Promise((resolve, reject) => {
            child.on("error", reject);
            child.on("close", (_, signal) => {
                this.running.delete(child);
                tether.close();
                const lines = output.split(/[\r\n]/).filter((line) => line.includes("@@")).map((line) => line.replace(/^.*?@@ ?/, ""));
                if (!output.includes("DONE")) reject(new Error(`${signal ?? "ended"} before it was done:\n${output}`));
                else resolve(lines);
            });
        });
    }

    close(): void {
        for (const child of this.running) child.kill();
        for (const folder of this.folders) rmSync(folder, { recursive: true, force: true });
    }
}
