/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included before bignum_core.c, and before it only, in images for chips without a 32 by 32 to 64 bit
 * multiplication (native/image/boards.mjs): the inner loop of all public-key operations in assembly,
 * native/image/muladd.c. Mbed TLS's own for Thumb-1 uses r9, which holds our static base.
 */
#ifndef ETLS_MULADD_H
#define ETLS_MULADD_H

#include <stdint.h>

/*
 * d[0..n) += s[0..n) * b, with carry `c` in; returns the carry out. n is 1 or more. Takes the same
 * time for all values.
 */
uint32_t etls_muladd(uint32_t *d, const uint32_t *s, uint32_t b, uint32_t c, uint32_t n);

/*
 * mbedtls_mpi_core_mla() counts down steps_x8 and steps_x1 in two loops; here the first turn of either does
 * all that remains.
 */
#define ETLS_MULADD_ALL(n) \
    c = etls_muladd(d, s, b, c, (uint32_t) (n)); \
    d += (n); \
    s += (n); \
    steps_x8 = steps_x1 = 0;

#define MULADDC_X8_INIT
#define MULADDC_X8_CORE { size_t all = 8 * (steps_x8 + 1) + steps_x1; ETLS_MULADD_ALL(all) }
#define MULADDC_X8_STOP

#define MULADDC_X1_INIT
#define MULADDC_X1_CORE { size_t all = steps_x1 + 1; ETLS_MULADD_ALL(all) }
#define MULADDC_X1_STOP

#endif
