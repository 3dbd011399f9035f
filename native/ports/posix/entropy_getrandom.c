/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POSIX: the system's own generator, getentropy() (POSIX.1-2024; on Linux it is getrandom(2), which
 * blocks until the system has its first seed, and then never again).
 *
 * Width 8, credit 8 bits: full entropy by its own specification. It costs a microsecond, so the
 * generator is reseeded for every request, and a fork does not repeat its parent.
 */
#define _DEFAULT_SOURCE
#include "etls_port.h"

#include <unistd.h>
#if defined(__APPLE__) || defined(__GLIBC__)
#include <sys/random.h>
#endif

static int32_t poll_getentropy(uint8_t *samples, uint32_t count)
{
    return getentropy(samples, count) == 0 ? (int32_t) count : -1;
}

static const etls_source system = ETLS_SOURCE_WIDE("getentropy", 8, 128, 1, poll_getentropy);

const etls_source *etls_port_source(uint32_t index)
{
    return index == 0 ? &system : NULL;
}
