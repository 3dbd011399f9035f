/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multiply and accumulate for ARMv6-M, whose multiplication gives the low 32 bits: four of 16 by 16
 * a limb, 35 cycles. No branch and no address depends on a value (RP2040 datasheet, 2.4.3.3: MULS
 * takes one cycle).
 */
#include "etls_muladd.h"

__attribute__((naked)) uint32_t etls_muladd(uint32_t *d, const uint32_t *s, uint32_t b, uint32_t c,
                                            uint32_t n)
{
    /* r0 d, r1 s, r2 and r3 halves of b, r4 carry, r5 to r7 at work, ip spare, lr end of s. */
    __asm__("push {r4, r5, r6, r7, lr}\n"
            "ldr r4, [sp, #20]\n" /* n */
            "lsls r4, r4, #2\n"
            "adds r4, r4, r1\n"
            "mov lr, r4\n"
            "mov r4, r3\n"
            "lsrs r3, r2, #16\n" /* b, high half */
            "uxth r2, r2\n"      /* b, low half */
            "1:\n"
            "ldmia r1!, {r5}\n"
            "uxth r6, r5\n"
            "lsrs r5, r5, #16\n"
            "mov r7, r6\n"
            "muls r7, r2, r7\n" /* low * low */
            "muls r6, r3, r6\n" /* low * high */
            "mov ip, r5\n"
            "muls r5, r2, r5\n" /* high * low */
            "adds r6, r6, r5\n" /* the middle, 33 bits: C on top */
            "mov r5, ip\n"
            "muls r5, r3, r5\n" /* high * high; leaves C alone */
            "mov ip, r4\n"
            "movs r4, #0\n"
            "adcs r4, r4\n"
            "lsls r4, r4, #16\n"
            "adds r5, r5, r4\n"
            "lsls r4, r6, #16\n"
            "lsrs r6, r6, #16\n"
            "adds r7, r7, r4\n"
            "adcs r5, r6\n" /* r5:r7 is the product */
            "mov r4, ip\n"
            "ldr r6, [r0]\n"
            "adds r7, r7, r4\n"
            "movs r4, #0\n"
            "adcs r5, r4\n"
            "adds r7, r7, r6\n"
            "adcs r5, r4\n"
            "stmia r0!, {r7}\n"
            "mov r4, r5\n"
            "cmp r1, lr\n"
            "bne 1b\n"
            "mov r0, r4\n"
            "pop {r4, r5, r6, r7, pc}\n");
}
