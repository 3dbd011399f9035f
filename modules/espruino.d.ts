// SPDX-License-Identifier: Apache-2.0
/** What a board has beyond JavaScript (www.espruino.com/Reference), as far as the modules use it. */

interface EspruinoEngine {
    /** The address of a string, or with `flat` only of one that is in one piece; else 0. */
    getAddressOf(value: unknown, flat: boolean): number;
    /** A word of 32 bits from the firmware's noise. */
    hwRand(): number;
    /** A string over memory, not a copy. */
    memoryArea(address: number, length: number): string;
    /** A native function; `"int(int,int,int,int)"` is the longest signature. */
    nativeCall(
        address: number,
        signature: string,
    ): (a: number, b: number, c: number, d: number) => number;
    /** The bytes of a string, not a copy. */
    toArrayBuffer(text: string): ArrayBuffer;
    /** A string in one piece; undefined when there is no such piece. */
    toFlatString(data: { data: number; count: number }): string | undefined;
    /** A string of `count` times the character `data`. */
    toString(data: { data: number; count: number }): ArrayLike<number>;
}

interface EspruinoMemory {
    /** Bytes of a block of the heap. */
    blocksize: number;
    /** Blocks that are free. */
    free: number;
    /** Where flash is mapped; boards without it have none. */
    flash_start?: number;
    /** Where the C stack must end at the latest, and what is free down to there. */
    stackEndAddress?: number;
    stackFree?: number;
}

declare const E: EspruinoEngine;
/** The chip's identity, hexadecimal. */
declare function getSerial(): string;
declare function peek16(address: number): number;
declare function peek32(address: number): number;
declare function poke16(address: number, value: number): void;
declare function poke32(address: number, value: number): void;
declare function print(text: string): void;

declare namespace NodeJS {
    interface Process {
        memory(): EspruinoMemory;
    }
}
