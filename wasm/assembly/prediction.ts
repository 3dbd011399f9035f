// SPDX-License-Identifier: Apache-2.0
/** What the four predictors of SP 800-90B sections 6.3.7 to 6.3.10 have in common. */
import { solveFalling, upperBound } from "./numeric";

/** Iterations after which the recurrence of step 6 counts as converged. */
const ITERATIONS = 66;
const LOG_099: f64 = Math.log(0.99);

let runLength: f64 = 0.0;
let predictions: f64 = 0.0;

/**
 * The logarithm of the chance that no run of r right predictions occurs among N, each being right
 * with probability p: step 6 of section 6.3.7 (Feller, XIII.7).
 *
 * x is barely above 1, so y = x − 1 is calculated with: 1 − px = q − py and r + 1 − rx = 1 − ry.
 */
function logNoRun(p: f64): f64 {
    const r = runLength;
    const q = 1.0 - p;
    const start = q * Math.pow(p, r);
    let y: f64 = 0.0;
    for (let i = 0; i < ITERATIONS; i++) {
        const next = start * Math.exp((r + 1.0) * Math.log1p(y));
        if (next <= y) break;
        y = next;
    }
    return Math.log1p((-p * y) / q) - Math.log1p(-r * y) - (predictions + 1.0) * Math.log1p(y);
}

/** Counts how a predictor does. */
export class Score {
    private right: i32 = 0;
    private run: i32 = 0;
    private longest: i32 = 0;

    /** Takes the outcome of a prediction. */
    count(correct: bool): void {
        if (correct) {
            this.right += 1;
            this.run += 1;
            this.longest = max(this.longest, this.run);
        } else {
            this.run = 0;
        }
    }

    /**
     * The min-entropy that the predictor leaves, by how often and how long in a row it was right.
     *
     * @param count - predictions made, N
     * @param alphabet - different values of a sample, k
     */
    estimate(count: i32, alphabet: i32): f64 {
        const share = <f64>this.right / <f64>count;
        const global = this.right > 0
            ? upperBound(share, <f64>count)
            : 1.0 - Math.pow(0.01, 1.0 / <f64>count);
        let p = Math.max(1.0 / <f64>alphabet, global);
        runLength = <f64>(this.longest + 1);
        predictions = <f64>count;
        // A local probability below the global one cannot matter.
        if (p < 1.0 && logNoRun(p) > LOG_099) {
            p = Math.max(p, solveFalling(logNoRun, LOG_099, p, 1.0, 1.0));
        }
        return -Math.log2(p);
    }
}
