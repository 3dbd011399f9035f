// SPDX-License-Identifier: Apache-2.0
/**
 * The RP2350's true random number generator as its datasheet describes it (section 12.12), as far as the port
 * uses it.
 *
 * @module
 */
import { BasePeripheral, type RP2040 } from "rp2040js";

/** Where it is on the RP2350. */
export const TRNG = 0x400f0000;

const [ISR, ICR, CONFIG, EHR, ENABLE, SAMPLE, DEBUG, RESET] = [0x104, 0x108, 0x10c, 0x114, 0x12c, 0x130, 0x138, 0x140];
const EHR_VALID = 1;
const WORDS = 6;

/** What becomes of a block: bits of the interrupt status register, or 0 when nothing comes. */
export type Outcome = number;
/** The block is there. */
export const VALID: Outcome = EHR_VALID;
/** A check has failed: autocorrelation, CRNGT, von Neumann. */
export const FAILED: Outcome[] = [2, 4, 8];
/** Reads of the status until a block is there. */
const SLOWNESS = 3;

/** The generator: blocks have the outcomes that `next` says, and words from `word`. */
export class Trng extends BasePeripheral {
    /** Blocks that were begun. */
    blocks = 0;
    /** Settings at the begin of the last one. */
    settings = { config: -1, sample: -1, debug: -1 };
    enabled = false;
    private readonly written: Map<number, number> = new Map();
    private status = 0;
    private outcome: Outcome = 0;
    private wait = 0;
    private block: number[] = [];
    private readonly next: () => Outcome;
    private readonly word: () => number;

    constructor(rp2040: RP2040, next: () => Outcome, word: () => number) {
        super(rp2040, "TRNG");
        this.next = next;
        this.word = word;
    }

    override readUint32(offset: number): number {
        if (offset === ISR) return this.poll();
        const at = (offset - EHR) / 4;
        // The words of a block that is not valid read as 0.
        if (at >= 0 && at < WORDS) return this.status & EHR_VALID ? (this.block[at] ?? 0) : 0;
        return this.written.get(offset) ?? 0;
    }

    override writeUint32(offset: number, value: number): void {
        this.written.set(offset, value);
        if (offset === ICR) this.status &= ~value;
        if (offset === RESET && value & 1) this.reset();
        if (offset === ENABLE) this.enable((value & 1) === 1);
    }

    private poll(): number {
        if (this.enabled && this.wait > 0 && --this.wait === 0) this.status |= this.outcome;
        return this.status;
    }

    private reset(): void {
        this.written.clear();
        this.status = 0;
        this.enabled = false;
    }

    private enable(on: boolean): void {
        if (on && !this.enabled) {
            const setting = (offset: number): number => this.written.get(offset) ?? -1;
            this.settings = { config: setting(CONFIG), sample: setting(SAMPLE), debug: setting(DEBUG) };
            this.blocks += 1;
            this.outcome = this.next();
            this.block = Array.from({ length: WORDS }, () => this.word());
            this.wait = SLOWNESS;
        }
        this.enabled = on;
    }
}
