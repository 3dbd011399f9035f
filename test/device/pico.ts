// SPDX-License-Identifier: Apache-2.0
/**
 * A Raspberry Pi Pico with Espruino's own firmware, emulated in a process of its own (firmware.ts), and
 * the command line tool on it. Firmware and boot ROM come from ESPRUINO_RP2040_UF2 and RP2040_BOOTROM.
 */
import { fork, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Context } from "mocha";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Whether firmware and boot ROM are named. */
export const hasFirmware = (): boolean =>
    Boolean(process.env["ESPRUINO_RP2040_UF2"] && process.env["RP2040_BOOTROM"]);

/** What to say where they are not. */
export const FIRMWARE_UNNAMED =
    "the environment variables ESPRUINO_RP2040_UF2 and RP2040_BOOTROM do not name it and the boot ROM";

/** Skips tests, and says why, where firmware or boot ROM are not named. */
export const skipWithoutFirmware = function (context: Context): void {
    if (hasFirmware()) return;
    console.log(`Tests on the Pico's firmware were not run: ${FIRMWARE_UNNAMED}.`);
    context.skip();
};

/** Runs the command line tool until it ends, or prints what matches `until`. Returns all that it printed. */
export const cli = function (args: string[], until?: RegExp): Promise<{ code: number | null; output: string }> {
    const tool = spawn(process.execPath, [here("../../cli/main.js"), ...args], { stdio: ["pipe", "pipe", "pipe"] });
    let output = "";
    const take = (data: Buffer): void => {
        output += data.toString("latin1");
        if (until?.test(output)) tool.kill("SIGINT");
    };
    tool.stdout.on("data", take);
    tool.stderr.on("data", take);
    return new Promise((resolve) => void tool.on("close", (code) => resolve({ code, output })));
};

/** A Pico that is plugged in. */
export class Pico {
    /** Holds what belongs to it; its flash over power cycles is in `flash`. */
    readonly folder: string;
    private machine: ChildProcess | undefined;
    port = "";

    constructor() {
        this.folder = mkdtempSync(join(tmpdir(), "pico-"));
    }

    /** The file that keeps its flash. */
    get flash(): string {
        return join(this.folder, "flash");
    }

    /** Plugs it in, after UF2 files were dropped on its boot drive. */
    async start(drops: string[] = []): Promise<void> {
        this.machine = fork(here("firmware.js"), [this.flash, ...drops]);
        const ready = await this.answer("ready");
        this.port = `tcp://127.0.0.1:${ready["port"]}`;
    }

    /** Unplugs it, with its flash as it is. */
    async stop(): Promise<void> {
        if (this.machine?.connected !== true) return;
        await this.ask("save", "saved");
        await this.gone(() => this.machine?.disconnect());
    }

    /** Pulls the cable after so many changes of flash more; resolves when it is out. */
    cut(after: number): Promise<void> {
        return this.gone(() => this.machine?.send({ type: "cut", after }));
    }

    /** How often flash was changed since it was plugged in. */
    async changes(): Promise<number> {
        return (await this.ask("changes", "changes"))["count"] as number;
    }

    /** The bits that its ring oscillator has given since this was last asked, as a text of 0 and 1. */
    async noise(): Promise<string> {
        return (await this.ask("noise", "noise"))["bits"] as string;
    }

    /** Emulated milliseconds since it was plugged in. */
    async time(): Promise<number> {
        return (await this.ask("time", "time"))["ms"] as number;
    }

    /** Cycles that code at these addresses has taken since they were first asked for. */
    async cycles(from: number, to: number): Promise<number> {
        return (await this.ask("cycles", "cycles", { from, to }))["count"] as number;
    }

    /** What the modem at its UART has come to: bytes that the FIFO could not take, open connections. */
    async modem(): Promise<{ lost: number; open: number }> {
        const { lost, open } = (await this.ask("modem", "modem")) as { lost: number; open: number };
        return { lost, open };
    }

    /** Unplugs it and forgets all. */
    async remove(): Promise<void> {
        if (this.machine?.connected === true) await this.gone(() => this.machine?.disconnect());
        rmSync(this.folder, { recursive: true, force: true });
    }

    /** Runs the command line tool on it. */
    cli(command: string, ...args: string[]): Promise<{ code: number | null; output: string }> {
        return cli([command, ...args, "--port", this.port]);
    }

    /**
     * Runs a program until it prints DONE; resolves to its lines that begin with `@@`.
     *
     * @throws Error with all that it printed, when it fails before
     */
    async run(code: string): Promise<string[]> {
        const file = join(this.folder, "program.js");
        writeFileSync(file, code, "latin1");
        const { output } = await cli(["run", file, "--port", this.port], /DONE|Uncaught [^\n]*\n[^\n]*\n/);
        if (!output.includes("DONE")) throw new Error(`the program failed:\n${output}`);
        return output.split("\n").map((line) => line.replace(/^.*@@/, "@@")).filter((line) => line.startsWith("@@"));
    }

    private ask(type: string, answer: string, more: Record<string, number> = {}): Promise<Record<string, unknown>> {
        const answered = this.answer(answer);
        this.machine?.send({ type, ...more });
        return answered;
    }

    private answer(type: string): Promise<Record<string, unknown>> {
        const { machine } = this;
        return new Promise((resolve) => {
            const take = (message: Record<string, unknown>): void => {
                if (message["type"] !== type) return;
                machine?.off("message", take);
                resolve(message);
            };
            machine?.on("message", take);
        });
    }

    private gone(act: () => void): Promise<void> {
        return new Promise((resolve) => {
            this.machine?.once("exit", () => resolve());
            act();
        });
    }
}
