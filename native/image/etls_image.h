/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The image: the core as one relocatable binary that executes in place. docs/IMAGE.md has the
 * whole format; this is its header, at the first byte of the image.
 *
 * An image is linked for one address. After the code follows a table of the words that hold an
 * address within the image, so that it can be moved to any other 4-aligned one: add the distance to
 * each of these words, to the entries and to `address`, and make the checksum anew.
 *
 * Static data is not part of it. It takes the first `statics` bytes of the arena, and is addressed
 * relative to register r9, which the entries set to the arena and restore.
 */
#ifndef ETLS_IMAGE_H
#define ETLS_IMAGE_H

#include "etls.h"

#include <stdint.h>

#define ETLS_IMAGE_MAGIC 0x534C5465u /* "eTLS" */

/** Changes with every change of this header. */
#define ETLS_IMAGE_FORMAT 1

/** What an image is made for: the value of `chip`. */
enum etls_image_chip { ETLS_CHIP_RP2040 = 1, ETLS_CHIP_RP2350 = 2, ETLS_CHIP_STM32F4 = 3, ETLS_CHIP_LINUX = 4 };

/** What is in it: the value of `profile`. */
enum etls_image_profile { ETLS_PROFILE_ID_SMALL = 1, ETLS_PROFILE_ID_FULL = 2 };

#define ETLS_IMAGE_COUNT_ENTRY(name) +1
enum { ETLS_IMAGE_ENTRIES = 0 ETLS_ENTRIES(ETLS_IMAGE_COUNT_ENTRY) };

/** All fields are 32 bits, little-endian. What the linker does not know is filled in by build.mjs. */
typedef struct {
    uint32_t magic;       /* ETLS_IMAGE_MAGIC */
    uint32_t format;      /* ETLS_IMAGE_FORMAT */
    uint32_t crc;         /* CRC-32 (ISO-HDLC) of all bytes of the image, this field counted as 0 */
    uint32_t size;        /* bytes of the whole image, a multiple of 4 */
    uint32_t abi;         /* ETLS_ABI_VERSION */
    uint32_t build;       /* the first 4 bytes of the SHA-256 of the image linked at 0: same code, same id */
    uint32_t chip;        /* enum etls_image_chip */
    uint32_t profile;     /* enum etls_image_profile */
    uint32_t address;     /* of the first byte, where it was linked or relocated to */
    uint32_t relocations; /* offset of the table of relocations, which reaches to the end */
    uint32_t statics;     /* bytes at the start of the arena that hold static data, a multiple of 8 */
    uint32_t entries;     /* ETLS_IMAGE_ENTRIES */
    void (*entry[ETLS_IMAGE_ENTRIES])(void); /* by the numbers of ETLS_ENTRIES; bit 0 set: Thumb */
} etls_image_header;

#endif
