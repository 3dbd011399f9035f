// SPDX-License-Identifier: Apache-2.0
/** The image of the STM32F4 on an emulated Cortex-M4: handshakes, an exchange, refusals, faults. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { before, describe, it } from "mocha";
import { ABI_VERSION, ENTRY_ABI } from "../modules/abi.gen.ts";
import { ImageBinding } from "../native/emulated/binding.ts";
import { Stm32f4 } from "../native/emulated/stm32f4.ts";
import { PORT } from "./support/abi.ts";
import { until } from "./support/attempt.ts";
import { chipSuite } from "./support/chip-suite.ts";
import { readImageFile } from "./support/host.ts";
import { skipWithout } from "./support/processes.ts";

const ARENA = 65536;

/** Whether a process is there and no zombie. */
const runs = (pid: number | undefined): boolean => {
    const file = `/proc/${pid}/stat`;
    return existsSync(file) && !/\) Z /.test(readFileSync(file, "latin1"));
};

chipSuite("stm32f4", ["qemu-system-arm"]);

describe("an emulated STM32F4 that goes wrong", function () {
    this.timeout(60_000);
    before(function () {
        skipWithout(this, "qemu-system-arm");
    });

    it("faults with the place and the reason, and QEMU is gone", async () => {
        const chip = new Stm32f4(PORT);
        chip.write(0x20000000, Uint8Array.of(0x00, 0x68, 0x70, 0x47)); // ldr r0, [r0]; bx lr
        assert.equal(chip.call(0x20000001, 0x20000000, 0, 0, 0), 0x47706800);
        assert.throws(() => chip.call(0x20000001, 0xd0000000, 0, 0, 0), /faults at 20000000, CFSR 8200/);
        assert.throws(() => chip.call(0x20000001, 0x20000000, 0, 0, 0));
        await until(() => !runs(chip.pid));
    });

    it("no memory is read or written where there is none", () => {
        const chip = new Stm32f4(PORT);
        assert.throws(() => chip.write(0x20000000 + 128 * 1024 - 1, new Uint8Array(2)), RangeError);
        assert.throws(() => chip.read(0x08000000, 4), RangeError);
        chip.close();
        chip.close();
    });

    it("what is written outside the arena is noticed", () => {
        const chip = new Stm32f4(PORT);
        const binding = new ImageBinding(chip, readImageFile("stm32f4"), ARENA, 0);
        assert.equal(binding.call(ENTRY_ABI, 0, 0, 0), ABI_VERSION);
        chip.write(0x20000000 + 128 * 1024 - 1, Uint8Array.of(0));
        assert.throws(() => binding.close(), /2001ffff, which is nobody's memory, was written/);
        chip.close();
    });

    it("QEMU ends when its process is killed", async () => {
        const module = new URL("../native/emulated/stm32f4.js", import.meta.url).href;
        const text = `import { Stm32f4 } from ${JSON.stringify(module)};
            const chip = new Stm32f4({ random: () => true, now: () => 0 });
            console.log(chip.pid); setInterval(() => {}, 1000);`;
        const child = spawn(process.execPath, ["--input-type=module", "-e", text]);
        const pid = await new Promise<number>((resolve) => child.stdout.once("data", (data) => resolve(Number(data))));
        assert.equal(runs(pid), true);
        child.kill("SIGKILL");
        await until(() => !runs(pid));
        assert.equal(runs(pid), false);
    });
});
