// SPDX-License-Identifier: Apache-2.0
/** What several estimators calculate with. */

/** Z₁₋₀.₀₀₅, the 99 % quantile of SP 800-90B section 6.3 with more digits than its 2.576. */
export const Z_ALPHA: f64 = 2.5758293035489008;

/** What an estimator returns that needs more samples, or a repetition that there is not. */
export const NOT_APPLICABLE: f64 = NaN;

/**
 * The upper end of the 99 % confidence interval of a probability (for example section 6.3.1,
 * step 2).
 */
export function upperBound(p: f64, count: f64): f64 {
    return Math.min(1.0, p + Z_ALPHA * Math.sqrt((p * (1.0 - p)) / (count - 1.0)));
}

/** A sum that does not lose small terms (Kahan). */
export class Sum {
    value: f64 = 0.0;
    private lost: f64 = 0.0;

    add(term: f64): void {
        const corrected = term - this.lost;
        const next = this.value + corrected;
        this.lost = next - this.value - corrected;
        this.value = next;
    }
}

/** Whether two numbers of the same sign are at most four steps of a double apart. */
function nearlyEqual(a: f64, b: f64): bool {
    if (a == b) return true;
    if (!isFinite(a) || !isFinite(b) || a > 0.0 != b > 0.0) return false;
    const steps = reinterpret<i64>(a) - reinterpret<i64>(b);
    return steps >= -4 && steps <= 4;
}

/**
 * Finds where a falling function takes a value, by halving the interval as long as doubles can.
 *
 * Where rounding makes the function rise, the upper end is returned, as the reference tool does:
 * a probability that is too high is a min-entropy that is too low.
 *
 * @param failure - returned when the function has no value
 */
export function solveFalling(
    f: (x: f64) => f64, target: f64, from: f64, to: f64, failure: f64,
): f64 {
    let low = from;
    let high = to;
    let atLow = Infinity;
    let atHigh = -Infinity;
    let x = (low + high) / 2.0;
    let value = f(x);
    while (!nearlyEqual(value, target)) {
        if (isNaN(value)) return failure;
        if (target < value) {
            low = x;
            atLow = value;
        } else {
            high = x;
            atHigh = value;
        }
        x = (low + high) / 2.0;
        if (x <= low || x >= high) return high;
        value = f(x);
        if (value > atLow || value < atHigh) return high;
    }
    return x;
}
