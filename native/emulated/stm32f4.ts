// SPDX-License-Identifier: Apache-2.0
/**
 * An STM32F405 in QEMU: a Cortex-M4 with the memory map of the STM32F4 (RM0368, section 2.3). QEMU
 * counts no cycles.
 *
 * QEMU's converter never ends a conversion, its readings are a counter, and neither the RC oscillator nor the
 * cycle counter is there. So reads of these registers are caught, and answered here: ready at once, with
 * noise in the lowest bits of the result and of the cycles.
 *
 * @module
 */
import type { Port } from "../../wasm/loader.ts";
import { NoAnswer } from "./gdb.ts";
import type { Gdb } from "./gdb.ts";
import type { Machine, Region } from "./machine.ts";
import { Qemu } from "./qemu.ts";

/** QEMU's board with that chip and nothing around it. */
const BOARD = "netduinoplus2";
/** Flash without its first sector: that holds the vectors. */
const VECTORS = 0x08000000;
const FLASH: Region = { start: VECTORS + 16 * 1024, size: (1024 - 16) * 1024 };
const SRAM: Region = { start: 0x20000000, size: 128 * 1024 };

/** Number of exception vectors (RM0368, section 10.1.3), and where all of them lead. */
const VECTOR_COUNT = 101;
const FAULT = VECTORS + 0x400;
/** A call returns here. */
const STOP = VECTORS + 0x404;
const NOPS = Uint8Array.of(0x00, 0xbf, 0x00, 0xbf, 0x00, 0xbf, 0x00, 0xbf);

/** Registers by their numbers in the GDB protocol. */
const [SP, LR, PC, XPSR] = [13, 14, 15, 25];
const XPSR_T = 1 << 24;
/** Configurable Fault Status Register (ARMv7-M Architecture Reference Manual, B3.2.15). */
const CFSR = 0xe000ed28;

/** RM0368, section 11.12: the converter. */
const ADC_SR = 0x40012000;
const ADC_SR_EOC = 1 << 1;
const ADC_DR = 0x4001204c;
/** Sections 6.3.21 and 13.4.5: the RC oscillator is ready, and the timer has seen an edge of it. */
const RCC_CSR = 0x40023874;
const RCC_CSR_LSIRDY = 1 << 1;
const TIM5_SR = 0x40000c10;
const TIM_SR_CC4IF = 1 << 4;
/** The core's cycle counter (ARMv7-M Architecture Reference Manual, C1.8.8), and cycles of a period. */
const DWT_CYCCNT = 0xe0001004;
/** RM0368, section 24.1: the chip's identity, which QEMU has not; three words. */
const UNIQUE_ID = 0x1fff7a10;
const PERIOD = 2624;
/** What the internal reference reads at 3.3 V: 1.21 V of 12 bits, without its lowest bit. */
const VREFINT = 1502;

/** Milliseconds until a call counts as lost: fifty times the longest one known. */
const PATIENCE = 120000;

/** A load instruction: the register that it fills, its length, and by how much it moves its base register. */
interface Load {
    target: number;
    length: number;
    base?: [register: number, by: number];
}

/** Reads a load instruction (same manual, A7.7.43). @throws Error on any other */
const decodeLoad = function (code: Uint8Array): Load {
    const [a = 0, b = 0, imm = 0, d = 0] = code;
    if (b >> 3 === 0b01101) return { target: a & 7, length: 2 }; // LDR Rt, [Rn, #imm5]
    if (b === 0xf8 && a >> 4 === 0xd) return { target: d >> 4, length: 4 }; // LDR.W Rt, [Rn, #imm12]
    if (b === 0xf8 && a >> 4 === 5 && (d & 13) === 13) {
        const by = d & 2 ? imm : -imm;
        return { target: d >> 4, length: 4, base: [a & 15, by] }; // LDR Rt, [Rn, #±imm8]!
    }
    throw new Error(`the converter is read by an unknown instruction: ${Buffer.from(code).toString("hex")}`);
};

/** The chip, with nothing in its memory but exception vectors. */
export class Stm32f4 implements Machine {
    readonly chip = "stm32f4";
    readonly flash = FLASH;
    readonly ram: Region = { ...SRAM };
    readonly cycles = 0;
    stackTop = SRAM.start + SRAM.size;
    port: Port;
    private readonly qemu: Qemu;
    private readonly gdb: Gdb;
    private readonly loads: Map<number, Load> = new Map();
    private noise = new Uint8Array(0);
    private taken = 0;
    /** The cycle of the last edge. */
    private edge = 0;

    /** @throws Error when there is no QEMU */
    constructor(port: Port) {
        this.port = port;
        this.qemu = new Qemu(BOARD);
        this.gdb = this.qemu.gdb;
        const vectors = new Uint32Array(VECTOR_COUNT).fill(FAULT | 1);
        this.gdb.write(VECTORS, new Uint8Array(vectors.buffer));
        this.gdb.write(FAULT, NOPS);
        for (const address of [FAULT, STOP]) this.gdb.breakAt(address);
        for (const address of [ADC_SR, ADC_DR, RCC_CSR, TIM5_SR, DWT_CYCCNT, UNIQUE_ID, UNIQUE_ID + 4, UNIQUE_ID + 8]) this.gdb.watchReads(address);
    }

    /** The process that QEMU runs in. */
    get pid(): number | undefined {
        return this.qemu.pid;
    }

    read(address: number, length: number): Uint8Array {
        this.locate(address, length);
        return this.gdb.read(address, length);
    }

    write(address: number, data: Uint8Array): void {
        this.locate(address, data.length);
        this.gdb.write(address, data);
    }

    call(address: number, a: number, b: number, c: number, d: number): number {
        let stopped = this.run(address, [
            [0, a], [1, b], [2, c], [3, d], [SP, this.stackTop], [LR, STOP | 1], [PC, address & ~1], [XPSR, XPSR_T],
        ]);
        for (;;) {
            const pc = this.gdb.register(PC) >>> 0;
            if (pc === STOP) return this.gdb.register(0);
            const watched = /rwatch:([0-9a-f]+);/.exec(stopped)?.[1];
            if (watched === undefined) throw this.fault(address, pc);
            stopped = this.run(address, this.answerRead(Number.parseInt(watched, 16), pc));
        }
    }

    elapse(): void {} // the port reads no timer

    close(): void {
        this.qemu.close();
    }

    /** Runs on until something happens. */
    private run(address: number, registers: [number, number][]): string {
        try {
            return this.gdb.resume(registers, PATIENCE);
        } catch (error) {
            if (!(error instanceof NoAnswer)) throw error;
            this.gdb.interrupt(PATIENCE);
            const at = (this.gdb.register(PC) >>> 0).toString(16);
            this.close();
            throw new Error(`the emulated STM32F4 does not come back from ${address.toString(16)}: it is at ${at}`, { cause: error });
        }
    }

    /** What the load at `pc` shall have loaded, and where it goes on. */
    private answerRead(register: number, pc: number): [number, number][] {
        let load = this.loads.get(pc);
        if (load === undefined) {
            load = decodeLoad(this.gdb.read(pc, 4));
            this.loads.set(pc, load);
        }
        const filled: [number, number][] = [[load.target, this.valueOf(register)], [PC, pc + load.length]];
        if (load.base === undefined) return filled;
        const [base, by] = load.base;
        return [...filled, [base, this.gdb.register(base) + by]];
    }

    private valueOf(register: number): number {
        switch (register) {
            case ADC_DR:
                return VREFINT | this.bit();
            case DWT_CYCCNT:
                this.edge = (this.edge + PERIOD + this.bit() * 2 + this.bit()) >>> 0;
                return this.edge;
            case UNIQUE_ID:
            case UNIQUE_ID + 4:
            case UNIQUE_ID + 8:
                return register;
            case RCC_CSR:
                return RCC_CSR_LSIRDY;
            case TIM5_SR:
                return TIM_SR_CC4IF;
            default:
                return ADC_SR_EOC;
        }
    }

    /** A bit of noise; always 0 when the port has none: the core is to notice. */
    private bit(): number {
        if (this.taken === this.noise.length * 8) {
            this.noise = new Uint8Array(32);
            this.taken = 0;
            this.port.random(this.noise);
        }
        const bit = ((this.noise[this.taken >> 3] ?? 0) >> (this.taken & 7)) & 1;
        this.taken += 1;
        return bit;
    }

    /** What happened, from the frame that the exception left (same manual, B1.5.6); it is over then. */
    private fault(address: number, pc: number): Error {
        const word = (at: number): string =>
            Buffer.from(this.gdb.read(at, 4)).readUInt32LE(0).toString(16);
        const call = `the emulated STM32F4, called at ${address.toString(16)},`;
        const error = pc === FAULT
            ? new Error(`${call} faults at ${word(this.gdb.register(SP) + 24)}, CFSR ${word(CFSR)}`)
            : new Error(`${call} stops at ${pc.toString(16)}`);
        this.close();
        return error;
    }

    /** @throws RangeError when it is no memory */
    private locate(address: number, length: number): void {
        const inside = [SRAM, FLASH].some(({ start, size }) => address >= start && address + length <= start + size);
        if (!inside) throw new RangeError(`${length} bytes at ${address.toString(16)} are no memory of the STM32F4`);
    }
}
