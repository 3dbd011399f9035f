// SPDX-License-Identifier: Apache-2.0
// Written by native/tools/generate.mjs from native/image/etls_image.h; do not edit.

/**
 * The header of the image for boards: offsets of its fields in bytes, and their values.
 *
 * @module
 */

/** The first word of an image. */
export const IMAGE_MAGIC = 1397511269;
/** The version of the header. */
export const IMAGE_FORMAT = 1;

/** ETLS_IMAGE_MAGIC */
export const IMAGE_MAGIC_AT = 0;
/** ETLS_IMAGE_FORMAT */
export const IMAGE_FORMAT_AT = 4;
/** CRC-32 (ISO-HDLC) of all bytes of the image, this field counted as 0 */
export const IMAGE_CRC_AT = 8;
/** bytes of the whole image, a multiple of 4 */
export const IMAGE_SIZE_AT = 12;
/** ETLS_ABI_VERSION */
export const IMAGE_ABI_AT = 16;
/** the first 4 bytes of the SHA-256 of the image linked at 0: same code, same id */
export const IMAGE_BUILD_AT = 20;
/** enum etls_image_chip */
export const IMAGE_CHIP_AT = 24;
/** enum etls_image_profile */
export const IMAGE_PROFILE_AT = 28;
/** of the first byte, where it was linked or relocated to */
export const IMAGE_ADDRESS_AT = 32;
/** offset of the table of relocations, which reaches to the end */
export const IMAGE_RELOCATIONS_AT = 36;
/** bytes at the start of the arena that hold static data, a multiple of 8 */
export const IMAGE_STATICS_AT = 40;
/** ETLS_IMAGE_ENTRIES */
export const IMAGE_ENTRIES_AT = 44;
/** by the numbers of ETLS_ENTRIES; bit 0 set: Thumb */
export const IMAGE_ENTRY_AT = 48;

/** `etls_image_chip` */
export const CHIP_RP2040 = 1;
/** `etls_image_chip` */
export const CHIP_RP2350 = 2;
/** `etls_image_chip` */
export const CHIP_STM32F4 = 3;
/** `etls_image_chip` */
export const CHIP_LINUX = 4;

/** `etls_image_profile` */
export const PROFILE_ID_SMALL = 1;
/** `etls_image_profile` */
export const PROFILE_ID_FULL = 2;
