// SPDX-License-Identifier: Apache-2.0
/**
 * The shape of recorded samples: how often which value came, and how samples hang together.
 *
 * @module
 */

/** What can be seen of samples at a glance. */
export interface Shape {
    /** How often each value came, from 0 on. */
    histogram: number[];
    /** The correlation of samples 1, 2, … places apart, -1 to 1. */
    autocorrelation: number[];
    /** Independent samples stay within ± this in 99 of 100 lags. */
    band: number;
}

/** The longest lag. */
export const LAGS = 64;

/** The 99 % quantile of the normal distribution, both sides. */
const QUANTILE = 2.5758293035489008;

const autocorrelationOf = function (samples: Uint8Array): number[] {
    let sum = 0;
    for (const sample of samples) sum += sample;
    const mean = sum / samples.length;
    const deviations = Float64Array.from(samples, (sample) => sample - mean);
    const products = Array.from({ length: LAGS + 1 }, (_, lag) => {
        let total = 0;
        for (let i = lag; i < deviations.length; i += 1) {
            total += (deviations[i] ?? 0) * (deviations[i - lag] ?? 0);
        }
        return total;
    });
    const [variance = 0, ...rest] = products;
    return rest.map((product) => (variance > 0 ? product / variance : 0));
};

/** The shape of samples of so many bits. */
export const shapeOf = function (samples: Uint8Array, bits: number): Shape {
    const histogram = new Array<number>(2 ** bits).fill(0);
    for (const sample of samples) histogram[sample] = (histogram[sample] ?? 0) + 1;
    return {
        histogram,
        autocorrelation: autocorrelationOf(samples),
        band: QUANTILE / Math.sqrt(samples.length),
    };
};
