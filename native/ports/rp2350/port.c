/* SPDX-License-Identifier: Apache-2.0 */
/* Raspberry Pi RP2350. Registers: RP2350 datasheet, section 12.8.5 (TIMER0). */
#include "etls_port.h"

#define TIMER_TIMERAWH (*(const volatile uint32_t *) 0x400B0024u)
#define TIMER_TIMERAWL (*(const volatile uint32_t *) 0x400B0028u)

uint32_t etls_port_identity(uint8_t *out, uint32_t size)
{
    (void) out;
    (void) size;
    return 0; /* its identity is in one-time programmable memory, whose access the firmware may have locked */
}

int64_t etls_port_time(void)
{
    return 0; /* etls_clock_set() */
}

int64_t etls_port_uptime(void)
{
    uint32_t high;
    uint32_t low;
    do { /* the raw halves are not latched: again when the upper one moved meanwhile */
        high = TIMER_TIMERAWH;
        low = TIMER_TIMERAWL;
    } while (high != TIMER_TIMERAWH);
    return (int64_t) (((uint64_t) high << 32 | low) / 1000u);
}
