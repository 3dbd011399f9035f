// @ts-check
// SPDX-License-Identifier: Apache-2.0
/** The chips that images are made for, and what is made of each. */

/**
 * @typedef {object} Chip
 * @property {string} name of its port in native/ports and of its images
 * @property {string} id member of `enum etls_image_chip`
 * @property {string[]} flags for clang
 * @property {number} address where the image is linked: free flash, see `why`
 * @property {string} why
 * @property {string[]} noise names of its noise sources, in the order of etls_port_source()
 * @property {string[]} [sources] of native/image, for this chip alone
 * @property {Record<string, string[]>} [special] flags for single files of Mbed TLS
 * @property {boolean} [asked] made only when it is named: no chip, and no part of the package
 */

/** @type {Chip[]} */
export const CHIPS = [
    {
        name: "rp2040",
        id: "ETLS_CHIP_RP2040",
        noise: ["rosc"],
        flags: ["--target=thumbv6m-none-eabi", "-mcpu=cortex-m0plus"],
        sources: ["muladd.c"],
        special: { "bignum_core.c": ["-include", "etls_muladd.h"] },
        address: 0x10100000,
        why: "between Espruino's firmware (to about 0x10058000) and its Storage (0x101C0000)",
    },
    {
        name: "rp2350",
        id: "ETLS_CHIP_RP2350",
        noise: ["trng"],
        flags: ["--target=thumbv8m.main-none-eabi", "-mcpu=cortex-m33", "-mfloat-abi=soft"],
        address: 0x100c0000,
        why: "between Espruino's firmware and its Storage (3 MB, from 0x10100000)",
    },
    {
        name: "stm32f4",
        id: "ETLS_CHIP_STM32F4",
        noise: ["adc", "jitter"],
        flags: ["--target=thumbv7em-none-eabi", "-mcpu=cortex-m4", "-mfloat-abi=soft"],
        address: 0x08040000,
        why: "the second half of 512 KB; firmware of one's own puts it where it likes",
    },
    {
        name: "linux",
        id: "ETLS_CHIP_LINUX",
        noise: [],
        flags: ["--target=thumbv6m-none-eabi", "-mcpu=cortex-m0plus"],
        sources: ["muladd.c"],
        special: { "bignum_core.c": ["-include", "etls_muladd.h"] },
        address: 0x10000020,
        why: "the code of the RP2040 in Espruino for 32-bit ARM Linux, the first file of its Storage: for tests",
        asked: true,
    },
];

/** The profiles: `id` is a member of `enum etls_image_profile`. */
export const PROFILES = [
    { name: "small", id: "ETLS_PROFILE_ID_SMALL", flags: ["-DETLS_PROFILE_SMALL"] },
    { name: "full", id: "ETLS_PROFILE_ID_FULL", flags: [] },
];
