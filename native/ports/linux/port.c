/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Espruino on 32-bit ARM Linux that maps its flash file executable: an image as on a board, in a process of
 * Linux. Nothing but the system's generator is asked for (entropy_getrandom.c).
 */
#include "etls_port.h"

uint32_t etls_port_identity(uint8_t *out, uint32_t size)
{
    (void) out;
    (void) size;
    return 0; /* the system's generator needs none */
}

int64_t etls_port_time(void)
{
    return 0; /* etls_clock_set(), as on boards */
}

int64_t etls_port_uptime(void)
{
    return 0;
}
