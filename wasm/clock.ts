// SPDX-License-Identifier: Apache-2.0
/**
 * The clock of a core: the platform's, until somebody sets it.
 *
 * @module
 */

/** A clock that can be set without touching that of the machine. */
export class Clock {
    private readonly base: () => number;
    private ahead: number | undefined;

    /** `base`: milliseconds since 1970, 0 while not set. */
    constructor(base: () => number) {
        this.base = base;
    }

    /** Milliseconds since 1970; 0 while neither the platform nor anybody else has set it. */
    now(): number {
        return this.ahead === undefined ? this.base() : this.ahead + performance.now();
    }

    /** Sets it, milliseconds since 1970; from then on it runs by itself. */
    set(ms: number): void {
        this.ahead = ms - performance.now();
    }
}
