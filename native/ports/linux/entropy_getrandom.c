/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ARM Linux: getrandom(2) by its number (arch/arm/tools/syscall.tbl), since an image has no libc. It
 * blocks until the system has its first seed, and then never again.
 *
 * Width 8, credit 8 bits: full entropy by its own specification.
 */
#include "etls_port.h"

#define SYS_GETRANDOM 384

static int32_t poll_getrandom(uint8_t *samples, uint32_t count)
{
    register uint32_t result __asm__("r0") = (uint32_t) samples;
    register uint32_t size __asm__("r1") = count;
    register uint32_t flags __asm__("r2") = 0;
    /* The number goes into r7, the compiler's frame pointer, which only r12 keeps meanwhile. */
    __asm__ volatile("mov r12, r7\n\tmov r7, %1\n\tsvc 0\n\tmov r7, r12"
                     : "+r"(result)
                     : "l"(SYS_GETRANDOM), "r"(size), "r"(flags)
                     : "r12", "memory");
    return (int32_t) result; /* how many, or a negative error */
}

static const etls_source system_source = ETLS_SOURCE_WIDE("getrandom", 8, 128, 1, poll_getrandom);

const etls_source *etls_port_source(uint32_t index)
{
    return index == 0 ? &system_source : NULL;
}
