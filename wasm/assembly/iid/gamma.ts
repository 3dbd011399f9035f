// SPDX-License-Identifier: Apache-2.0
/** The distribution of χ², through the incomplete gamma function (NIST DLMF chapters 5 and 8). */

const LOG_SQRT_2PI: f64 = 0.5 * Math.log(2.0 * Math.PI);
/** Changes smaller than this share of the result end a series. */
const PRECISION: f64 = 1e-15;
/** Keeps the continued fraction's denominators away from 0. */
const TINY: f64 = 1e-300;

/** ln Γ(x) for x > 0: Stirling's series (DLMF 5.11.1) after moving x up to where it is exact. */
function logGamma(x: f64): f64 {
    let shift: f64 = 0.0;
    while (x < 16.0) {
        shift += Math.log(x);
        x += 1.0;
    }
    const y = 1.0 / (x * x);
    const series =
        (1.0 / 12.0 - y * (1.0 / 360.0 - y * (1.0 / 1260.0 - y * (1.0 / 1680.0 - y / 1188.0)))) / x;
    return (x - 0.5) * Math.log(x) - x + LOG_SQRT_2PI + series - shift;
}

/** The sum of DLMF 8.11.4: P(a, x) without its first factor. */
function lowerSeries(a: f64, x: f64): f64 {
    let term: f64 = 1.0 / a;
    let sum = term;
    for (let n = a + 1.0; term > sum * PRECISION; n += 1.0) {
        term *= x / n;
        sum += term;
    }
    return sum;
}

/** The continued fraction of DLMF 8.9.2, evaluated by Lentz's method. */
function upperFraction(a: f64, x: f64): f64 {
    let b = x + 1.0 - a;
    let c = 1.0 / TINY;
    let d = 1.0 / b;
    let value = d;
    let change: f64 = 2.0;
    for (let n = 1.0; Math.abs(change - 1.0) > PRECISION; n += 1.0) {
        const factor = -n * (n - a);
        b += 2.0;
        d = factor * d + b;
        c = b + factor / c;
        if (Math.abs(d) < TINY) d = TINY;
        if (Math.abs(c) < TINY) c = TINY;
        d = 1.0 / d;
        change = c * d;
        value *= change;
    }
    return value;
}

/**
 * The chance that χ² with so many degrees of freedom is at least `score`: Q(df/2, score/2).
 * Without degrees of freedom, 1.
 */
export function chiSquareTail(score: f64, degrees: f64): f64 {
    const a = degrees / 2.0;
    const x = score / 2.0;
    if (!(x > 0.0) || a <= 0.0) return 1.0;
    const factor = Math.exp(a * Math.log(x) - x - logGamma(a));
    return x < a + 1.0 ? 1.0 - factor * lowerSeries(a, x) : factor * upperFraction(a, x);
}
