// SPDX-License-Identifier: Apache-2.0
import { NOT_APPLICABLE } from "./numeric";
import { Score } from "./prediction";

/** The samples that came last, how often each value is among them, and the most common one. */
class Window {
    /** The value that occurs most often; of several the one that occurred last. */
    common: u8 = 0;
    /** How often this window's prediction was right. */
    score: i32 = 0;
    readonly size: i32;
    private readonly counts: StaticArray<i32> = new StaticArray<i32>(256);
    private readonly lastAt: StaticArray<i32> = new StaticArray<i32>(256);
    private readonly alphabet: i32;

    constructor(size: i32, alphabet: i32) {
        this.size = size;
        this.alphabet = alphabet;
    }

    /** Takes in the sample at an index, and lets go the one that is too old for it. */
    slide(data: StaticArray<u8>, index: i32): void {
        const value = data[index];
        this.counts[value] += 1;
        this.lastAt[value] = index;
        if (index >= this.size) {
            const gone = data[index - this.size];
            this.counts[gone] -= 1;
            if (gone == this.common) return this.search();
        }
        if (this.counts[value] >= this.counts[this.common]) this.common = value;
    }

    private search(): void {
        let best = this.common;
        for (let value = 0; value < this.alphabet; value++) {
            const ahead = this.counts[value] - this.counts[best];
            if (ahead > 0 || (ahead == 0 && this.lastAt[value] > this.lastAt[best])) {
                best = <u8>value;
            }
        }
        this.common = best;
    }
}

/**
 * The multi most common in window prediction estimate, SP 800-90B section 6.3.7.
 *
 * Of windows of 63, 255, 1023 and 4095 samples the one predicts that was right most often.
 */
export function multiMostCommonInWindow(data: StaticArray<u8>, alphabet: i32): f64 {
    const windows: StaticArray<Window> = [
        new Window(63, alphabet), new Window(255, alphabet),
        new Window(1023, alphabet), new Window(4095, alphabet),
    ];
    if (data.length <= 4095) return NOT_APPLICABLE;
    const score = new Score();
    let winner = windows[0];
    for (let i = 0; i < data.length; i++) {
        const value = data[i];
        if (i >= 63) score.count(winner.common == value);
        for (let j = 0; j < windows.length; j++) {
            const window = windows[j];
            if (i >= window.size && window.common == value) {
                window.score += 1;
                if (window.score >= winner.score) winner = window;
            }
            window.slide(data, i);
        }
    }
    return score.estimate(data.length - 63, alphabet);
}
