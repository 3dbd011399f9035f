// SPDX-License-Identifier: Apache-2.0
/**
 * The sample files that come with NIST's tool.
 *
 * @module
 */

/** The bits of a sample in the tool's own files. */
export const OWN_FILES: { [name: string]: number } = {
    "rand1_short.bin": 1, "rand4_short.bin": 4, "rand8_short.bin": 8,
    "truerand_1bit.bin": 1, "truerand_4bit.bin": 4, "truerand_8bit.bin": 8,
    "biased-random-bits.bin": 1, "biased-random-bytes.bin": 8,
    "data.pi.bin": 1, "normal.bin": 8, "ringOsc-nist.bin": 1,
};
