// SPDX-License-Identifier: Apache-2.0
/** The image of the RP2040 in the emulator: handshakes, an exchange, refusals. And its timer. */
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Rp2040 } from "../native/emulated/rp2040.ts";
import { chipSuite } from "./support/chip-suite.ts";

chipSuite("rp2040", []);

describe("the timer of the emulated RP2040", () => {
    it("moves between calls, when it is told to, by the cycles they took", () => {
        const chip = new Rp2040({ random: () => false, now: () => 0 });
        const [code, spin, timer] = [0x20000000, 0x20000004, 0x40054028]; // TIMERAWL
        chip.write(code, Uint8Array.of(0x00, 0x68, 0x70, 0x47)); // ldr r0, [r0]; bx lr
        chip.write(spin, Uint8Array.of(0x01, 0x38, 0xfd, 0xd1, 0x70, 0x47)); // subs r0, #1; bne; bx lr
        const read = (): number => chip.call(code, timer, 0, 0, 0);
        assert.equal(read(), 0);
        chip.call(spin, 100_000, 0, 0, 0);
        assert.equal(read(), 0);
        const cycles = chip.cycles;
        chip.elapse();
        assert.equal(read(), Math.floor(cycles / 125));
        assert.ok(cycles > 200_000);
    });
});
