// SPDX-License-Identifier: Apache-2.0
/**
 * A timer that can be started anew and stopped at any time: Espruino's `clearTimeout` throws when
 * there is nothing to clear.
 *
 * @module
 */

/** A timer that calls back once. */
export class Timer {
    private id: ReturnType<typeof setTimeout> | undefined;

    /** Starts anew; 0 milliseconds only stop. */
    start(ms: number, callback: () => void): void {
        this.stop();
        if (ms > 0) {
            this.id = setTimeout(() => {
                this.id = undefined;
                callback();
            }, ms);
        }
    }

    /** Stops, if it runs. */
    stop(): void {
        if (this.id !== undefined) clearTimeout(this.id);
        this.id = undefined;
    }
}
