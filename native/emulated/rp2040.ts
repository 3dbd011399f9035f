// SPDX-License-Identifier: Apache-2.0
/**
 * An RP2040 in the emulator rp2040js: a Cortex-M0+ that counts its cycles (RP2040 datasheet, section
 * 2.4; flash has no wait states here, so that counts are a lower bound). The ring oscillator's random
 * bit is the port's randomness.
 *
 * @module
 */
import { BasePeripheral, LogLevel, RP2040 } from "rp2040js";
import type { Logger } from "rp2040js";
import type { Port } from "../../wasm/loader.ts";
import type { Machine, Region } from "./machine.ts";

/** RP2040 datasheet, section 2.2: the address map. */
const FLASH: Region = { start: 0x10000000, size: 2 * 1024 * 1024 };
const SRAM: Region = { start: 0x20000000, size: 264 * 1024 };
/** Index in rp2040js of the peripheral at 0x40060000, the ring oscillator. */
export const ROSC = 0x40060;
const ROSC_STATUS = 0x18;
const ROSC_STATUS_STABLE = 2 ** 31;
const ROSC_RANDOMBIT = 0x1c;

/** A call returns to this address, which holds no code: the boot ROM's first word. */
const STOP = 0x00000000;
/** Cycles after which a call counts as lost: forty times the longest one known. */
const PATIENCE = 20e9;
const NANOSECONDS_PER_CYCLE = 8; // at 125 MHz

/** The ring oscillator's registers (section 2.17.8), as far as the port reads them. */
export class RingOscillator extends BasePeripheral {
    /** Bits that wait, one a byte. */
    private bits = new Uint8Array(0);
    private at = 0;
    private readonly machine: { port: Port };

    constructor(rp2040: RP2040, machine: { port: Port }) {
        super(rp2040, "ROSC");
        this.machine = machine;
    }

    /** Asks the port for more bits; `false` when it has none, and the last one comes again. */
    private refill(): boolean {
        const bits = new Uint8Array(64);
        const { sources, random } = this.machine.port;
        const count = sources ? (sources[0]?.poll(bits) ?? -1) : random(bits) ? bits.length : -1;
        if (count <= 0) return false;
        this.bits = bits.subarray(0, count);
        this.at = 0;
        return true;
    }

    override readUint32(offset: number): number {
        if (offset === ROSC_STATUS) return this.at < this.bits.length || this.refill() ? ROSC_STATUS_STABLE : 0;
        if (offset !== ROSC_RANDOMBIT) return 0;
        if (this.at < this.bits.length || this.refill()) this.at += 1;
        return (this.bits[this.at - 1] ?? 0) & 1;
    }
}

/** Makes of every complaint of the emulator an error: code that is right causes none. */
class StrictLogger implements Logger {
    readonly currentLogLevel = LogLevel.Warn;
    debug(): void {}
    info(): void {}
    warn(component: string, message: string): void {
        throw new Error(`the emulated RP2040 complains: ${component}: ${message}`);
    }
    error(component: string, message: string): void {
        this.warn(component, message);
    }
}

/** The chip, with nothing in its memory. */
export class Rp2040 implements Machine {
    readonly chip = "rp2040";
    readonly flash = FLASH;
    readonly ram: Region = { ...SRAM };
    stackTop = SRAM.start + SRAM.size;
    port: Port;
    private readonly mcu = new RP2040();
    /** Cycles that the timer knows of. */
    private elapsed = 0;

    constructor(port: Port) {
        this.port = port;
        this.mcu.logger = new StrictLogger();
        this.mcu.peripherals[ROSC] = new RingOscillator(this.mcu, this);
        this.mcu.onBreak = (code) => {
            throw new Error(`the emulated RP2040 met breakpoint ${code}`);
        };
    }

    get cycles(): number {
        return this.mcu.core.cycles;
    }

    read(address: number, length: number): Uint8Array {
        const { memory, offset } = this.locate(address, length);
        return memory.subarray(offset, offset + length);
    }

    write(address: number, data: Uint8Array): void {
        const { memory, offset } = this.locate(address, data.length);
        memory.set(data, offset);
    }

    call(address: number, a: number, b: number, c: number, d: number): number {
        const { core } = this.mcu;
        core.registers.set([a, b, c, d]);
        core.SP = this.stackTop;
        core.LR = STOP | 1;
        core.PC = address & ~1;
        const started = core.cycles;
        const limit = started + PATIENCE;
        while (core.PC !== STOP) {
            core.executeInstruction();
            if (core.cycles > limit) throw new Error(`the emulated RP2040 does not come back from ${address.toString(16)}`);
        }
        return (core.registers[0] ?? 0) | 0;
    }

    elapse(): void {
        const clock = this.mcu.clock as unknown as { tick(nanoseconds: number): void };
        clock.tick((this.cycles - this.elapsed) * NANOSECONDS_PER_CYCLE);
        this.elapsed = this.cycles;
    }

    /** Puts a peripheral at an address, in 4 KB of its own; `make` is given what it is part of. */
    attach(address: number, make: (rp2040: RP2040) => BasePeripheral): void {
        this.mcu.peripherals[address >>> 12] = make(this.mcu);
    }

    close(): void {}

    /** Which array holds an address. @throws RangeError when it is no memory */
    private locate(address: number, length: number): { memory: Uint8Array; offset: number } {
        for (const [region, memory] of [[SRAM, this.mcu.sram], [FLASH, this.mcu.flash]] as const) {
            const offset = address - region.start;
            if (offset >= 0 && offset + length <= region.size) return { memory, offset };
        }
        throw new RangeError(`${length} bytes at ${address.toString(16)} are no memory of the RP2040`);
    }
}
