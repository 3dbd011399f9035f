// SPDX-License-Identifier: Apache-2.0
/**
 * An emulated chip as the bindings see it: memory, and functions in it that can be called.
 *
 * @module
 */
import type { Port } from "../../wasm/loader.ts";

/** A range of memory. */
export interface Region {
    /** Address of the first byte. */
    start: number;
    /** Bytes. */
    size: number;
}

/** A chip that runs nothing by itself: only what is called. */
export interface Machine {
    /** The name of its images: `rp2040`, `stm32f4`. */
    readonly chip: string;
    /** Where images and certificates go. */
    readonly flash: Region;
    /** Where everything else goes. */
    readonly ram: Region;
    /** Cycles that calls took so far; 0 where the emulator does not count them. */
    readonly cycles: number;
    /** Where the stack pointer starts, the first byte above the stack. */
    stackTop: number;
    /** What the chip's entropy source and its clock are made of. */
    port: Port;
    /** Reads memory. The result may be a view of it, good until the next call. */
    read(address: number, length: number): Uint8Array;
    /** Writes memory, flash included. */
    write(address: number, data: Uint8Array): void;
    /**
     * Calls a function with four arguments and returns the 32-bit result, signed.
     *
     * @throws Error when the chip faults or does not come back
     */
    call(address: number, a: number, b: number, c: number, d: number): number;
    /** Lets the chip's timers see the time that calls took since; they stand still meanwhile. */
    elapse(): void;
    /** Ends it. */
    close(): void;
}
