// SPDX-License-Identifier: Apache-2.0
/**
 * How the memory of an emulated chip is shared out, with painted gaps between: what is written where
 * nothing should be is noticed, and how deep the stack went can be seen.
 *
 * @module
 */
import { WINDOW } from "../../wasm/memory.ts";
import type { Machine } from "./machine.ts";

/** Bytes of stack; the core is to need no more than 6 KB. */
export const STACK = 8 * 1024;
const GAP = 64;
const PAINT = 0xa5;

const up = (address: number): number => (address + 7) & ~7;

/** Addresses of everything in an emulated chip's RAM. */
export class Layout {
    readonly window: number;
    readonly arena: number;
    private readonly stack: number;
    private readonly painted: [start: number, end: number][];
    private readonly machine: Machine;

    /** @throws RangeError when an arena of so many bytes does not fit */
    constructor(machine: Machine, arena: number) {
        const { start, size } = machine.ram;
        this.machine = machine;
        this.stack = start + GAP;
        this.window = this.stack + STACK + GAP;
        this.arena = up(this.window + WINDOW + GAP);
        const end = this.arena + Math.max(arena, 0);
        if (!(end + GAP <= start + size)) {
            const most = start + size - GAP - this.arena;
            throw new RangeError(`an arena of ${arena} bytes does not fit into the ${machine.chip}: ${most} at most`);
        }
        this.painted = [
            [start, this.stack],
            [this.stack + STACK, this.window],
            [this.window + WINDOW, this.arena],
            [end, start + size],
        ];
        machine.stackTop = this.stack + STACK;
        this.paint(start, start + size);
    }

    /**
     * Looks whether something was written where nothing should be.
     *
     * @throws Error that names the first address
     */
    check(): void {
        for (const [start, end] of this.painted) {
            const at = this.machine.read(start, end - start).findIndex((byte) => byte !== PAINT);
            if (at >= 0) throw new Error(`${(start + at).toString(16)}, which is nobody's memory, was written`);
        }
    }

    /** Paints the stack, to see how deep the following calls go. */
    paintStack(): void {
        this.paint(this.stack, this.stack + STACK);
    }

    /** The deepest that the stack went since it was painted, bytes. */
    stackUsed(): number {
        const at = this.machine.read(this.stack, STACK).findIndex((byte) => byte !== PAINT);
        return at < 0 ? 0 : STACK - at;
    }

    private paint(start: number, end: number): void {
        this.machine.write(start, new Uint8Array(end - start).fill(PAINT));
    }
}
