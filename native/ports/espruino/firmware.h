/* SPDX-License-Identifier: Apache-2.0 */
/* The core linked into a firmware of Espruino: what its wrapper for JavaScript calls. */
#ifndef ETLS_FIRMWARE_H
#define ETLS_FIRMWARE_H

#include <stdint.h>

/** Bytes that JavaScript can hand to the core at once. */
#define ETLS_FIRMWARE_WINDOW 4096u

/** Calls an entry by its number in ETLS_ENTRIES. Errors: those of the entry, BAD_ARGUMENT for another number. */
int32_t etls_firmware_call(void *core, uint32_t entry, uint32_t a, uint32_t b, uint32_t c);

/** etls_close(), which wipes the core's memory; nothing when it is not open. */
void etls_firmware_close(void *core);

/**
 * Memory that the build has set aside (ETLS_ARENA) for the core and, after it, the window; NULL when it has
 * none. `size` becomes the bytes of the core's part.
 */
uint8_t *etls_firmware_memory(uint32_t *size);

#endif
