// SPDX-License-Identifier: Apache-2.0
/**
 * QEMU as a child that stands still and is led through its GDB stub. It dies with this process, however
 * that ends: the kernel sees to it (prctl(2), PR_SET_PDEATHSIG).
 *
 * @module
 */
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Gdb } from "./gdb.ts";

/** The program, of Debian's and Ubuntu's package of the same name. */
export const QEMU = "qemu-system-arm";

/** Milliseconds until a QEMU that was started must answer; it takes some 150. */
const START = 60000;

/** QEMU with one machine in it. */
export class Qemu {
    readonly gdb: Gdb;
    private readonly child: ChildProcess;
    private readonly folder: string;
    private readonly files: number[] = [];

    /** @throws Error when QEMU is not there or does not start, with what it said */
    constructor(machine: string) {
        this.folder = mkdtempSync(join(tmpdir(), "etls-qemu-"));
        const [fifo, said] = [join(this.folder, "gdb"), join(this.folder, "said")];
        if (spawnSync("mkfifo", ["-m", "600", `${fifo}.in`, `${fifo}.out`]).status !== 0) {
            throw new Error(`cannot make FIFOs in ${this.folder}`);
        }
        const { O_NONBLOCK, O_RDONLY, O_RDWR } = constants;
        const input = this.keep(openSync(`${fifo}.in`, O_RDWR | O_NONBLOCK));
        const output = this.keep(openSync(`${fifo}.out`, O_RDONLY | O_NONBLOCK));
        const log = openSync(said, "w");
        this.child = spawn(
            "setpriv",
            ["--pdeathsig", "KILL", QEMU, "-machine", machine, "-nodefaults", "-display", "none", "-S",
                "-chardev", `pipe,id=gdb,path=${fifo}`, "-gdb", "chardev:gdb"],
            { stdio: ["ignore", log, log] },
        );
        closeSync(log);
        this.child.on("error", () => undefined); // seen below: it does not answer
        this.child.unref();
        this.gdb = new Gdb(input, output);
        try {
            this.gdb.start(this.child.pid === undefined ? 0 : START);
        } catch (error) {
            const words = readFileSync(said, "utf8").trim();
            this.close();
            throw new Error(`cannot start ${QEMU} (package ${QEMU}): ${words || String(error)}`, { cause: error });
        }
        rmSync(this.folder, { recursive: true }); // it has opened what it needs
    }

    /** Its process. */
    get pid(): number | undefined {
        return this.child.pid;
    }

    /** Ends it. May be called again. */
    close(): void {
        this.child.kill("SIGKILL");
        for (const file of this.files.splice(0)) closeSync(file);
        rmSync(this.folder, { recursive: true, force: true });
    }

    private keep(file: number): number {
        this.files.push(file);
        return file;
    }
}
