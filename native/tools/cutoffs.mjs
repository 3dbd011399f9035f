// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Cut-offs of the health tests of NIST SP 800-90B section 4.4, computed here so that an image holds
 * integers only. test/health.test.ts computes them once more with exact numbers.
 */

/** False alarms: 2^-30 for each run of samples (repetition count) and window (adaptive proportion). */
export const ALPHA_BITS = 30;

/** Credited min-entropy is given in steps of 1/16 bit. */
export const CREDIT_STEPS = 16;

/**
 * Adaptive proportion test, section 4.4.2: 1 + CRITBINOM(window, 2^-H, 1 - alpha).
 *
 * @param {number} window samples
 * @param {number} bits credited min-entropy of a sample, H
 * @param {number} alphaBits alpha is 2^-alphaBits
 */
export function proportionCutoff(window, bits, alphaBits) {
    const logP = -bits * Math.LN2;
    const logQ = Math.log1p(-Math.exp(logP));
    const alpha = 2 ** -alphaBits;
    let logChoose = 0; // of window over k, k counting down
    let tail = 0; // P(more than k - 1)
    for (let k = window; k > 0; k -= 1) {
        tail += Math.exp(logChoose + k * logP + (window - k) * logQ);
        if (tail > alpha) return 1 + k;
        logChoose += Math.log(k) - Math.log(window - k + 1);
    }
    return 1;
}

/**
 * Rows `ROW(credit, cut-off)` for each credit up to `most` bits.
 *
 * @param {number} window
 * @param {number} most
 */
function rows(window, most) {
    const lines = [];
    let line = "   ";
    for (let credit = 1; credit <= most * CREDIT_STEPS; credit += 1) {
        const row = ` ROW(${credit}, ${proportionCutoff(window, credit / CREDIT_STEPS, ALPHA_BITS)})`;
        if (line.length + row.length > 96) {
            lines.push(line);
            line = "   ";
        }
        line += row;
    }
    return [...lines, line].map((text) => text.padEnd(98)).join("\\\n").trimEnd();
}

/** The text of native/include/etls_cutoffs.h. */
export function cutoffsHeader() {
    return `/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Cut-offs of the adaptive proportion test (NIST SP 800-90B section 4.4.2) for a false-positive rate
 * of 2^-${ALPHA_BITS}, by credited min-entropy of a sample in 1/${CREDIT_STEPS} bit. Written by
 * native/tools/generate.mjs; do not edit.
 */
#ifndef ETLS_CUTOFFS_H
#define ETLS_CUTOFFS_H

/* clang-format off */

/* Samples of 1 bit: windows of 1,024. */
#define ETLS_PROPORTIONS_BINARY(ROW) \\
${rows(1024, 1)}

/* Wider samples: windows of 512. */
#define ETLS_PROPORTIONS_WIDE(ROW) \\
${rows(512, 8)}
/* clang-format on */

enum etls_proportion {
#define ROW(credit, cutoff) ETLS_PROPORTION_BINARY_##credit = (cutoff),
    ETLS_PROPORTIONS_BINARY(ROW)
#undef ROW
#define ROW(credit, cutoff) ETLS_PROPORTION_WIDE_##credit = (cutoff),
    ETLS_PROPORTIONS_WIDE(ROW)
#undef ROW
};

#endif
`;
}
