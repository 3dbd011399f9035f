/* SPDX-License-Identifier: Apache-2.0 */
/* POSIX systems: Linux, BSD, macOS; the core linked into a program. Entropy is in entropy_getrandom.c. */
#define _POSIX_C_SOURCE 200809L
#include "etls_port.h"

#include <time.h>

static int64_t milliseconds(clockid_t clock)
{
    struct timespec now;
    return clock_gettime(clock, &now) == 0 ? (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000 : 0;
}

int64_t etls_port_time(void)
{
    return milliseconds(CLOCK_REALTIME);
}

int64_t etls_port_uptime(void)
{
    return milliseconds(CLOCK_MONOTONIC);
}

uint32_t etls_port_statics(void)
{
    return 0; /* they are the program's */
}

uint32_t etls_port_identity(uint8_t *out, uint32_t size)
{
    (void) out;
    (void) size;
    return 0; /* the system's generator needs none */
}
