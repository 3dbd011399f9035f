/* SPDX-License-Identifier: Apache-2.0 */
/* The entries by number, and memory for the core where the build sets some aside. */
#include "firmware.h"

#include "etls.h"

#include <stddef.h>

#ifndef ETLS_FIRMWARE_ARENA
#define ETLS_FIRMWARE_ARENA 0
#endif

/* Every entry takes a core and at most three values; those that take fewer do not look at the rest. */
typedef int32_t (*entry_function)(void *core, uintptr_t a, uintptr_t b, uintptr_t c);

#define TARGET(name) (void (*)(void)) etls_##name,
static void (*const targets[])(void) = { ETLS_ENTRIES(TARGET) };

#if ETLS_FIRMWARE_ARENA > 0
static union {
    uint64_t align;
    uint8_t bytes[ETLS_FIRMWARE_ARENA + ETLS_FIRMWARE_WINDOW];
} memory;
#define MEMORY memory.bytes
#else
#define MEMORY NULL
#endif

int32_t etls_firmware_call(void *core, uint32_t entry, uint32_t a, uint32_t b, uint32_t c)
{
    if (entry >= sizeof(targets) / sizeof(targets[0])) {
        return ETLS_ERR_BAD_ARGUMENT;
    }
    return ((entry_function) targets[entry])(core, a, b, c);
}

void etls_firmware_close(void *core)
{
    (void) etls_close(core); /* BAD_CORE: it was not open */
}

uint8_t *etls_firmware_memory(uint32_t *size)
{
    *size = ETLS_FIRMWARE_ARENA;
    return MEMORY;
}
